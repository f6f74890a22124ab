using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Kernels;

/// <summary>
/// What normalization takes off a row before it is scaled; a type, so that each loop is written once and costs no branch.
/// </summary>
internal interface ICentering
{
    /// <summary>Whether the mean is taken off.</summary>
    static abstract bool TakesMeanOff { get; }
}

/// <summary>LayerNorm: less the mean, then over the standard deviation; gain and bias.</summary>
internal readonly struct Centered : ICentering
{
    public static bool TakesMeanOff => true;
}

/// <summary>RMSNorm: over the root of the mean square as the row is; a gain, no bias.</summary>
internal readonly struct Uncentered : ICentering
{
    public static bool TakesMeanOff => false;
}

/// <summary>
/// Normalizes rows; keeps each row's mean and 1/√(variance + ε) for the way back. Without centering there is no mean, and the mean
/// square takes the place of the variance.
/// </summary>
/// <remarks>
/// Three times over a row, which stays in the cache: mean, variance, result. The variance is the mean of (x − mean)²; mean(x²) − mean²
/// would take a pass less and lose its digits where the mean is large. Forward and backward are 3 % of a step of the preset nanogpt-cpu
/// and 4 % of book. Ends of rows are loaded under a mask, since a call there made it three times as slow (<see cref="Lanes"/>).
/// </remarks>
internal unsafe struct NormForward<TCentering> : IRowWork
    where TCentering : struct, ICentering
{
    public float* X, Gain, Bias, Y, Means, Scales;
    public int Columns;
    public float Epsilon;

    public readonly void Run(int from, int to)
    {
        float* gain = Gain, bias = Bias;
        int columns = Columns;
        float share = 1f / columns;
        for (int row = from; row < to; row++)
        {
            float* x = X + ((long)row * columns);
            float* y = Y + ((long)row * columns);
            Vector512<float> means = default;
            if (TCentering.TakesMeanOff)
            {
                Vector512<float> sum = default;
                for (int j = 0; j < columns; j += Lanes.Count)
                {
                    sum += Lanes.Load(x + j, columns - j);
                }

                Means[row] = Lanes.Sum(sum) * share;
                means = Vector512.Create(Means[row]);
            }

            Vector512<float> squares = default;
            for (int j = 0; j < columns; j += Lanes.Count)
            {
                // Lanes past the end count as the mean, so that they add nothing.
                Vector512<float> d = Lanes.Load(x + j, columns - j);
                d = TCentering.TakesMeanOff ? Lanes.First(d - means, columns - j) : d;
                squares = Vector512.FusedMultiplyAdd(d, d, squares);
            }

            float scale = 1f / MathF.Sqrt((Lanes.Sum(squares) * share) + Epsilon);
            Vector512<float> scales = Vector512.Create(scale);
            for (int j = 0; j < columns; j += Lanes.Count)
            {
                int width = columns - j;
                Vector512<float> normal = NormRows<TCentering>.Normal(Lanes.Load(x + j, width), means, scales);
                Vector512<float> stretch = Lanes.Load(gain + j, width);
                Lanes.Store(
                    TCentering.TakesMeanOff
                        ? Vector512.FusedMultiplyAdd(normal, stretch, Lanes.Load(bias + j, width))
                        : normal * stretch,
                    y + j, width);
            }

            Scales[row] = scale;
        }
    }
}

/// <summary>
/// dx = (g − mean(g) − x̂·mean(g·x̂))·scale with g = dy·gain: once over a row for both means, once for the result. Without centering
/// mean(g) is left out.
/// </summary>
internal unsafe struct NormBackward<TCentering> : IRowWork
    where TCentering : struct, ICentering
{
    public float* X, Gain, Dy, Dx, Means, Scales;
    public int Columns;
    public bool Accumulate;

    public readonly void Run(int from, int to)
    {
        float* gain = Gain;
        int columns = Columns;
        bool accumulate = Accumulate;
        float share = 1f / columns;
        for (int row = from; row < to; row++)
        {
            long start = (long)row * columns;
            float* x = X + start;
            float* dy = Dy + start;
            float* dx = Dx + start;
            Vector512<float> mean = NormRows<TCentering>.Mean(Means, row), scale = Vector512.Create(Scales[row]);
            Vector512<float> sum = default, dot = default;
            for (int j = 0; j < columns; j += Lanes.Count)
            {
                // Past the end g is 0, so x̂ there, which is not, meets 0.
                int width = columns - j;
                Vector512<float> g = Lanes.Load(dy + j, width) * Lanes.Load(gain + j, width);
                if (TCentering.TakesMeanOff)
                {
                    sum += g;
                }

                dot = Vector512.FusedMultiplyAdd(g, NormRows<TCentering>.Normal(Lanes.Load(x + j, width), mean, scale), dot);
            }

            Vector512<float> meanG = TCentering.TakesMeanOff ? Vector512.Create(Lanes.Sum(sum) * share) : default;
            Vector512<float> meanDot = Vector512.Create(Lanes.Sum(dot) * share);
            for (int j = 0; j < columns; j += Lanes.Count)
            {
                int width = columns - j;
                Vector512<float> normal = NormRows<TCentering>.Normal(Lanes.Load(x + j, width), mean, scale);
                Vector512<float> g = Lanes.Load(dy + j, width) * Lanes.Load(gain + j, width);
                Vector512<float> slope = (g - Vector512.FusedMultiplyAdd(normal, meanDot, meanG)) * scale;
                Lanes.Store(accumulate ? Lanes.Load(dx + j, width) + slope : slope, dx + j, width);
            }
        }
    }
}

/// <summary>
/// dgain[j] = Σ over rows of dy·x̂; cut by column, each sum in the order of the rows, micro-batches added in the fixed tree.
/// </summary>
internal unsafe struct NormGainGradient<TCentering> : IRowWork
    where TCentering : struct, ICentering
{
    public float* X, Dy, Means, Scales, Gradient;
    public int Rows, Columns, MicroBatches;
    public bool Accumulate;

    public readonly void Run(int from, int to)
    {
        int end = Math.Min(to * Lanes.Count, Columns);
        Span<Vector512<float>> parts = stackalloc Vector512<float>[MicroBatches];
        for (int j = from * Lanes.Count; j < end; j += Lanes.Count)
        {
            int width = Math.Min(Lanes.Count, end - j);
            for (int part = 0; part < parts.Length; part++)
            {
                parts[part] = Sum(j, width, Rows / MicroBatches * part, Rows / MicroBatches * (part + 1));
            }

            Vector512<float> sum = TreeSum.Of(parts);
            Lanes.Store(Accumulate ? sum + Lanes.Load(Gradient + j, width) : sum, Gradient + j, width);
        }
    }

    private readonly Vector512<float> Sum(int j, int width, int fromRow, int toRow)
    {
        Vector512<float> sum = default;
        for (int row = fromRow; row < toRow; row++)
        {
            long start = ((long)row * Columns) + j;
            Vector512<float> x = Lanes.Load(X + start, width);
            Vector512<float> dy = Lanes.Load(Dy + start, width);
            Vector512<float> normal =
                NormRows<TCentering>.Normal(x, NormRows<TCentering>.Mean(Means, row), Vector512.Create(Scales[row]));
            sum = Vector512.FusedMultiplyAdd(dy, normal, sum);
        }

        return sum;
    }
}

/// <summary>What the loops over normalized rows share.</summary>
internal static unsafe class NormRows<TCentering>
    where TCentering : struct, ICentering
{
    /// <summary>A row's mean in all lanes; without centering there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Mean(float* means, int row) => TCentering.TakesMeanOff ? Vector512.Create(means[row]) : default;

    /// <summary>x̂</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Normal(Vector512<float> x, Vector512<float> mean, Vector512<float> scale) =>
        (TCentering.TakesMeanOff ? x - mean : x) * scale;
}
