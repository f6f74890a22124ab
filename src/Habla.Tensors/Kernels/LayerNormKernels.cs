using System.Runtime.Intrinsics;
using Habla.Tensors.Ops;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Kernels;

/// <summary>Normalizes rows; keeps each row's mean and 1/√(variance + ε) for the way back.</summary>
internal unsafe struct LayerNormForward : IRowWork
{
    public float* X, Gain, Bias, Y, Means, Scales;
    public int Columns;

    public readonly void Run(int from, int to)
    {
        int whole = Columns / Lanes.Count * Lanes.Count, rest = Columns - whole;
        for (int row = from; row < to; row++)
        {
            float* x = X + ((long)row * Columns);
            float* y = Y + ((long)row * Columns);
            Vector512<float> sum = default;
            for (int j = 0; j < whole; j += Lanes.Count)
            {
                sum += Vector512.Load(x + j);
            }

            if (rest > 0)
            {
                sum += Lanes.LoadPartial(x + whole, rest);
            }

            float mean = Lanes.Sum(sum) / Columns;
            Vector512<float> means = Vector512.Create(mean);
            Vector512<float> squares = default;
            for (int j = 0; j < whole; j += Lanes.Count)
            {
                Vector512<float> d = Vector512.Load(x + j) - means;
                squares = Vector512.FusedMultiplyAdd(d, d, squares);
            }

            if (rest > 0)
            {
                // Lanes past the end hold the mean, so that they add nothing.
                Vector512<float> padded = means;
                System.Runtime.CompilerServices.Unsafe.CopyBlockUnaligned(&padded, x + whole, (uint)rest * sizeof(float));
                Vector512<float> d = padded - means;
                squares = Vector512.FusedMultiplyAdd(d, d, squares);
            }

            float scale = 1f / MathF.Sqrt((Lanes.Sum(squares) / Columns) + LayerNorm.Epsilon);
            Vector512<float> scales = Vector512.Create(scale);
            for (int j = 0; j < whole; j += Lanes.Count)
            {
                Vector512<float> normal = (Vector512.Load(x + j) - means) * scales;
                Vector512.FusedMultiplyAdd(normal, Vector512.Load(Gain + j), Vector512.Load(Bias + j)).Store(y + j);
            }

            if (rest > 0)
            {
                Vector512<float> normal = (Lanes.LoadPartial(x + whole, rest) - means) * scales;
                Vector512<float> result = Vector512.FusedMultiplyAdd(
                    normal, Lanes.LoadPartial(Gain + whole, rest), Lanes.LoadPartial(Bias + whole, rest));
                Lanes.StorePartial(result, y + whole, rest);
            }

            Means[row] = mean;
            Scales[row] = scale;
        }
    }
}

/// <summary>dx = (g − mean(g) − x̂·mean(g·x̂))·scale with g = dy·gain.</summary>
internal unsafe struct LayerNormBackward : IRowWork
{
    public float* X, Gain, Dy, Dx, Means, Scales;
    public int Columns;
    public bool Accumulate;

    public readonly void Run(int from, int to)
    {
        int whole = Columns / Lanes.Count * Lanes.Count, rest = Columns - whole;
        for (int row = from; row < to; row++)
        {
            long start = (long)row * Columns;
            float* x = X + start;
            float* dy = Dy + start;
            float* dx = Dx + start;
            Vector512<float> mean = Vector512.Create(Means[row]), scale = Vector512.Create(Scales[row]);
            Vector512<float> sum = default, dot = default;
            for (int j = 0; j < whole; j += Lanes.Count)
            {
                Vector512<float> g = Vector512.Load(dy + j) * Vector512.Load(Gain + j);
                sum += g;
                dot = Vector512.FusedMultiplyAdd(g, (Vector512.Load(x + j) - mean) * scale, dot);
            }

            if (rest > 0)
            {
                Vector512<float> g = Lanes.LoadPartial(dy + whole, rest) * Lanes.LoadPartial(Gain + whole, rest);
                sum += g;
                dot = Vector512.FusedMultiplyAdd(g, (Lanes.LoadPartial(x + whole, rest) - mean) * scale, dot);
            }

            Vector512<float> meanG = Vector512.Create(Lanes.Sum(sum) / Columns);
            Vector512<float> meanDot = Vector512.Create(Lanes.Sum(dot) / Columns);
            for (int j = 0; j < whole; j += Lanes.Count)
            {
                Vector512<float> result = Slope(
                    Vector512.Load(x + j), Vector512.Load(dy + j), Vector512.Load(Gain + j), mean, scale, meanG, meanDot);
                (Accumulate ? Vector512.Load(dx + j) + result : result).Store(dx + j);
            }

            if (rest > 0)
            {
                Vector512<float> result = Slope(
                    Lanes.LoadPartial(x + whole, rest), Lanes.LoadPartial(dy + whole, rest),
                    Lanes.LoadPartial(Gain + whole, rest), mean, scale, meanG, meanDot);
                Lanes.StorePartial(Accumulate ? Lanes.LoadPartial(dx + whole, rest) + result : result, dx + whole, rest);
            }
        }
    }

    private static Vector512<float> Slope(
        Vector512<float> x, Vector512<float> dy, Vector512<float> gain,
        Vector512<float> mean, Vector512<float> scale, Vector512<float> meanG, Vector512<float> meanDot)
    {
        Vector512<float> normal = (x - mean) * scale;
        return ((dy * gain) - Vector512.FusedMultiplyAdd(normal, meanDot, meanG)) * scale;
    }
}

/// <summary>
/// dgain[j] = Σ over rows of dy·x̂; cut by column, each sum in the order of the rows, micro-batches added in the fixed tree.
/// </summary>
internal unsafe struct LayerNormGainGradient : IRowWork
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
            Vector512<float> normal = (x - Vector512.Create(Means[row])) * Vector512.Create(Scales[row]);
            sum = Vector512.FusedMultiplyAdd(dy, normal, sum);
        }

        return sum;
    }
}
