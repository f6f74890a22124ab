using Habla.Tensors.Kernels;
using Habla.Tensors.Tests.Reference;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Kernels;

public unsafe class CrossEntropyKernelsTests
{
    [Fact]
    public void Every_number_of_classes()
    {
        var fuzz = new Fuzz(1);
        for (int classes = 1; classes <= Fuzz.Largest; classes++)
        {
            Check(fuzz, rows: fuzz.Below(9), classes, fuzz.Pool(), fuzz.Values);
        }
    }

    [Fact]
    public void Every_number_of_rows_also_none()
    {
        var fuzz = new Fuzz(2);
        foreach (int rows in Fuzz.Sizes)
        {
            Check(fuzz, rows, classes: 1 + fuzz.Below(40), fuzz.Pool(), fuzz.Values);
        }
    }

    [Fact]
    public void All_threads_agree()
    {
        foreach (WorkerPool pool in Fuzz.Pools)
        {
            var fuzz = new Fuzz(3);
            Check(fuzz, rows: 130, classes: 70, pool, fuzz.Values);
        }
    }

    [Fact]
    public void Infinities_and_NaN_are_what_they_are_in_the_scalar_loop()
    {
        var fuzz = new Fuzz(4);
        for (int round = 0; round < 60; round++)
        {
            Check(fuzz, rows: 5, classes: 1 + fuzz.Size(70), fuzz.Pool(), fuzz.WithSpecials);
        }
    }

    private static void Check(Fuzz fuzz, int rows, int classes, WorkerPool pool, Func<int, float, float[]> numbers)
    {
        FormattableString what = $"{rows}×{classes}";
        float[] z = numbers(rows * classes, 20), old = fuzz.Values(rows * classes), losses = new float[rows], logSums = new float[rows];
        int[] targets = [.. Enumerable.Range(0, rows).Select(_ => fuzz.Below(classes))];
        bool[]? counts = fuzz.Coin() ? fuzz.Flags(rows) : null;
        float scale = fuzz.Values(1)[0], smoothing = fuzz.Coin() ? 0 : (1 + fuzz.Below(9)) / 10f;
        float[] written = new float[rows * classes], added = [.. old];
        for (int row = 0; row < rows; row++)
        {
            // A row that does not count may have any target, and its loss and slopes are zeros.
            var range = new Range(row * classes, (row + 1) * classes);
            if (counts is null || counts[row])
            {
                (losses[row], logSums[row]) = Twin.CrossEntropy(z.AsSpan(range), targets[row], smoothing);
                Twin.CrossEntropyBackward(z.AsSpan(range), targets[row], logSums[row], scale, false, written.AsSpan(range), smoothing);
                Twin.CrossEntropyBackward(z.AsSpan(range), targets[row], logSums[row], scale, true, added.AsSpan(range), smoothing);
            }
            else
            {
                targets[row] = -1;
            }
        }

        using GuardedFloats logits = new(z, fuzz.Offset()), loss = fuzz.Empty(rows), sums = fuzz.Empty(rows);
        using GuardedFloats dz = fuzz.Empty(rows * classes), sum = new(old, fuzz.Offset());
        fixed (int* t = targets)
        fixed (bool* m = counts)
        {
            SharedRows.Run(pool, rows, new CrossEntropyForward
            {
                Logits = logits.Pointer, Losses = loss.Pointer, LogSums = sums.Pointer, Targets = t, Mask = m, Columns = classes,
                Smoothing = smoothing,
            });
            var backward = new CrossEntropyBackward
            {
                Logits = logits.Pointer, Gradient = dz.Pointer, LogSums = sums.Pointer, Targets = t, Mask = m, Columns = classes,
                Scale = scale, Smoothing = smoothing,
            };
            SharedRows.Run(pool, rows, backward);
            backward.Gradient = sum.Pointer;
            backward.Accumulate = true;
            SharedRows.Run(pool, rows, backward);
        }

        loss.AssertHolds(losses, $"losses of {what}");
        sums.AssertHolds(logSums, $"sums of {what}");
        dz.AssertHolds(written, $"slopes of {what}");
        sum.AssertHolds(added, $"slopes of {what}, added");
    }
}
