using Habla.Tensors.Kernels;
using Habla.Tensors.Tests.Reference;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Kernels;

/// <summary>SwiGLU forward and back against its scalar twin, bit by bit.</summary>
public unsafe class SwiGluKernelsTests
{
    [Fact]
    public void Every_width()
    {
        var fuzz = new Fuzz(1);
        for (int columns = 1; columns <= Fuzz.Largest; columns++)
        {
            Check(fuzz, rows: fuzz.Below(6), columns, fuzz.Pool());
        }
    }

    [Fact]
    public void Every_number_of_rows_also_none()
    {
        var fuzz = new Fuzz(2);
        foreach (int rows in Fuzz.Sizes)
        {
            Check(fuzz, rows, columns: 1 + fuzz.Below(40), fuzz.Pool());
        }
    }

    [Fact]
    public void All_threads_agree()
    {
        foreach (WorkerPool pool in Fuzz.Pools)
        {
            Check(new Fuzz(3), rows: 96, columns: 200, pool);
        }
    }

    [Fact]
    public void The_slope_is_that_of_the_function_over_its_whole_range()
    {
        // silu in float64 with the same e^(−x): within 2 ulp of the larger term, 0 where float32 has no more than denormal numbers.
        for (double x = -120; x <= 120; x += 0.37)
        {
            (float value, float slope) = Twin.Silu((float)x);
            double at = (float)x, s = 1 / (1 + Math.Exp(-at)), silu = at * s, derivative = s + (silu * (1 - s));
            Assert.Equal(silu, value, (Math.Abs(silu) * 3e-7) + 1e-35);
            Assert.Equal(derivative, slope, (Math.Abs(derivative) * 3e-7) + (Math.Abs(silu) * 3e-7) + 1e-35);
        }

        Assert.Equal((float.PositiveInfinity, 1f), Twin.Silu(float.PositiveInfinity));
        Assert.Equal((-0f, 0f), Twin.Silu(float.NegativeInfinity));
        Assert.Equal((float.NaN, float.NaN), Twin.Silu(float.NaN));
    }

    private static void Check(Fuzz fuzz, int rows, int columns, WorkerPool pool)
    {
        FormattableString what = $"{rows}×{columns}";
        float[] x = [.. fuzz.WithSpecials(2 * rows * columns, 5)], dy = fuzz.Values(rows * columns);
        float[] y = new float[rows * columns], dx = new float[x.Length];
        for (int i = 0; i < y.Length; i++)
        {
            int gate = (i / columns * 2 * columns) + (i % columns), up = gate + columns;
            (float open, float slope) = Twin.Silu(x[gate]);
            (y[i], dx[gate], dx[up]) = (open * x[up], dy[i] * x[up] * slope, dy[i] * open);
        }

        using GuardedFloats px = new(x, fuzz.Offset()), pdy = new(dy, fuzz.Offset()), py = fuzz.Empty(y.Length);
        SharedRows.Run(pool, rows, new SwiGluForward { X = px.Pointer, Y = py.Pointer, Columns = columns });
        py.AssertHolds(y, $"y, {what}");
        foreach (bool accumulate in (bool[])[false, true])
        {
            float[] old = fuzz.Values(x.Length);
            using var pdx = new GuardedFloats(old, fuzz.Offset());
            SharedRows.Run(pool, rows, new SwiGluBackward
            {
                X = px.Pointer, Dy = pdy.Pointer, Dx = pdx.Pointer, Columns = columns, Accumulate = accumulate,
            });
            pdx.AssertHolds(accumulate ? [.. old.Zip(dx, (a, b) => a + b)] : dx, $"dx, added {accumulate}, {what}");
        }
    }
}
