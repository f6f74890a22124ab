namespace Habla.Tensors.Ops;

/// <summary>The cosines and sines of rotary position embedding: angle(t, i) = t·base^(−2i/D) for i in [0, D/2).</summary>
public sealed class RotaryTable
{
    /// <summary>The base of the angles' wavelengths by default: 10 000, as in the paper.</summary>
    public const double Base = 10_000;

    /// <summary>Computes the table.</summary>
    /// <param name="positions">How many positions; at least 1.</param>
    /// <param name="headSize">D, even: dimension i is rotated together with i + D/2.</param>
    /// <param name="base">The base of the wavelengths, above 0: a larger one makes them longer. Default <see cref="Base"/>.</param>
    /// <param name="scaling">How slow pairs are slowed down further for long contexts. Default null: not at all.</param>
    /// <exception cref="ArgumentOutOfRangeException">The head size is odd, or a number is not positive.</exception>
    public RotaryTable(int positions, int headSize, double @base = Base, RotaryScaling? scaling = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(@base);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(positions);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(headSize);
        if (headSize % 2 != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(headSize), headSize, "rotary positions turn pairs: the head size must be even");
        }

        (Positions, HeadSize) = (positions, headSize);
        int half = headSize / 2;
        Cosines = new float[positions * half];
        Sines = new float[positions * half];
        for (int i = 0; i < half; i++)
        {
            double frequency = PortableMath.Pow(@base, -2.0 * i / headSize);
            frequency = scaling?.Scaled(frequency) ?? frequency;
            for (int t = 0; t < positions; t++)
            {
                (double sin, double cos) = PortableMath.SinCos(t * frequency);
                (Sines[(t * half) + i], Cosines[(t * half) + i]) = ((float)sin, (float)cos);
            }
        }
    }

    /// <summary>How many positions the table covers.</summary>
    public int Positions { get; }

    /// <summary>D.</summary>
    public int HeadSize { get; }

    /// <summary><c>[positions, D/2]</c></summary>
    internal float[] Cosines { get; }

    /// <summary><c>[positions, D/2]</c></summary>
    internal float[] Sines { get; }
}
