using Habla.Tensors.Kernels;
using Habla.Tensors.Tests.Reference;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Kernels;

/// <summary>The loops of LayerNorm, which takes the mean off, and of RMSNorm, which does not, against one scalar twin.</summary>
public unsafe class NormKernelsTests
{
    [Fact]
    public void Every_width()
    {
        var fuzz = new Fuzz(1);
        for (int columns = 1; columns <= Fuzz.Largest; columns++)
        {
            Check(fuzz, rows: fuzz.Below(6), columns, parts: 1, fuzz.Pool());
        }
    }

    [Fact]
    public void Every_number_of_rows_also_none()
    {
        var fuzz = new Fuzz(2);
        foreach (int rows in Fuzz.Sizes)
        {
            Check(fuzz, rows, columns: 1 + fuzz.Below(40), parts: 1, fuzz.Pool());
        }
    }

    [Fact]
    public void The_gain_of_micro_batches_is_summed_apart_and_added_in_the_tree()
    {
        var fuzz = new Fuzz(3);
        for (int parts = 2; parts <= 16; parts++)
        {
            Check(fuzz, parts * fuzz.Below(6), 1 + fuzz.Size(), parts, fuzz.Pool());
        }
    }

    [Fact]
    public void All_threads_agree()
    {
        foreach (WorkerPool pool in Fuzz.Pools)
        {
            Check(new Fuzz(4), rows: 96, columns: 200, parts: 4, pool);
        }
    }

    [Fact]
    public void Infinities_and_NaN_are_what_they_are_in_the_scalar_loop()
    {
        var fuzz = new Fuzz(5);
        for (int round = 0; round < 50; round++)
        {
            int columns = 1 + fuzz.Size();
            Check(fuzz, fuzz.WithSpecials(3 * columns), rows: 3, columns, parts: 1, fuzz.Pool());
        }
    }

    private static void Check(Fuzz fuzz, int rows, int columns, int parts, WorkerPool pool) =>
        Check(fuzz, [.. fuzz.Values(rows * columns, 3).Select(value => value + 0.5f)], rows, columns, parts, pool);

    private static void Check(Fuzz fuzz, float[] x, int rows, int columns, int parts, WorkerPool pool)
    {
        Check<Centered>(fuzz, x, rows, columns, parts, pool);
        Check<Uncentered>(fuzz, x, rows, columns, parts, pool);
    }

    private static void Check<TCentering>(Fuzz fuzz, float[] x, int rows, int columns, int parts, WorkerPool pool)
        where TCentering : struct, ICentering
    {
        bool centered = TCentering.TakesMeanOff;
        float epsilon = fuzz.Coin() ? 1e-5f : 0.3f;
        FormattableString what = $"{rows}×{columns} in {parts} parts, centered {centered}, ε {epsilon}";
        float[] gain = fuzz.Values(columns), bias = fuzz.Values(columns), dy = fuzz.Values(rows * columns);
        float[] y = new float[rows * columns], dx = new float[rows * columns], means = new float[rows], scales = new float[rows];
        for (int row = 0; row < rows; row++)
        {
            var range = new Range(row * columns, (row + 1) * columns);
            (means[row], scales[row]) = Twin.Norm(centered, epsilon, x.AsSpan(range), gain, bias, y.AsSpan(range));
            Twin.NormBackward(centered, x.AsSpan(range), gain, dy.AsSpan(range), means[row], scales[row], dx.AsSpan(range));
        }

        float[] dgain = Twin.NormGainGradient(x, dy, means, scales, columns, parts);

        using GuardedFloats px = new(x, fuzz.Offset()), pgain = new(gain, fuzz.Offset()), pbias = new(bias, fuzz.Offset());
        using GuardedFloats py = fuzz.Empty(rows * columns), pmeans = fuzz.Empty(centered ? rows : 0), pscales = fuzz.Empty(rows);
        SharedRows.Run(pool, rows, new NormForward<TCentering>
        {
            X = px.Pointer, Gain = pgain.Pointer, Bias = centered ? pbias.Pointer : null, Y = py.Pointer,
            Means = centered ? pmeans.Pointer : null, Scales = pscales.Pointer, Columns = columns, Epsilon = epsilon,
        });
        py.AssertHolds(y, $"y, {what}");
        pmeans.AssertHolds(centered ? means : [], $"means, {what}");
        pscales.AssertHolds(scales, $"scales, {what}");

        using GuardedFloats pdy = new(dy, fuzz.Offset());
        foreach (bool accumulate in (bool[])[false, true])
        {
            float[] old = fuzz.Values(rows * columns), oldGain = fuzz.Values(columns);
            using GuardedFloats pdx = new(old, fuzz.Offset()), pdgain = new(oldGain, fuzz.Offset());
            SharedRows.Run(pool, rows, new NormBackward<TCentering>
            {
                X = px.Pointer, Gain = pgain.Pointer, Dy = pdy.Pointer, Dx = pdx.Pointer, Means = pmeans.Pointer, Scales = pscales.Pointer,
                Columns = columns, Accumulate = accumulate,
            });
            SharedRows.Run(pool, (columns + 15) / 16, new NormGainGradient<TCentering>
            {
                X = px.Pointer, Dy = pdy.Pointer, Means = pmeans.Pointer, Scales = pscales.Pointer, Gradient = pdgain.Pointer,
                Rows = rows, Columns = columns, MicroBatches = parts, Accumulate = accumulate,
            });
            pdx.AssertHolds(accumulate ? [.. old.Zip(dx, (a, b) => a + b)] : dx, $"dx, {what}");
            pdgain.AssertHolds(accumulate ? [.. oldGain.Zip(dgain, (a, b) => a + b)] : dgain, $"dgain, {what}");
        }
    }
}
