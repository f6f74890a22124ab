namespace Habla.Tensors.Ops;

/// <summary>
/// How Llama 3 makes rotary positions reach past the context they were trained on: a pair that turns less than
/// <paramref name="LowFrequencyFactor"/> times in that context turns <paramref name="Factor"/> times slower, one that turns more than
/// <paramref name="HighFrequencyFactor"/> times is left alone, and between the two it goes over evenly.
/// </summary>
/// <remarks>Grattafiori et al., "The Llama 3 herd of models", 2024; <c>rope_scaling</c> of type <c>llama3</c> in config.json.</remarks>
/// <param name="Factor">How much slower; 1 (the default) changes nothing.</param>
/// <param name="LowFrequencyFactor">Turns in the first context below which a pair is slowed down in full. Default 1.</param>
/// <param name="HighFrequencyFactor">Turns above which a pair stays; more than the low factor. Default 4.</param>
/// <param name="OriginalContext">The context of the first training, in tokens. Default 8192.</param>
public sealed record RotaryScaling(
    double Factor = 1, double LowFrequencyFactor = 1, double HighFrequencyFactor = 4, int OriginalContext = 8192)
{
    /// <summary>Changes nothing.</summary>
    public static RotaryScaling None { get; } = new();

    /// <summary>The angle a position, in radians, that a pair turns by instead of <paramref name="frequency"/>.</summary>
    /// <param name="frequency">θ^(−2i/D)</param>
    public double Scaled(double frequency)
    {
        if (Factor == 1)
        {
            return frequency;
        }

        double turns = OriginalContext * frequency / (2 * Math.PI);
        double kept = Math.Clamp((turns - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor), 0, 1);
        return ((1 - kept) * frequency / Factor) + (kept * frequency);
    }
}
