using Habla.Tensors.Kernels;
using Habla.Tensors.Tests.Reference;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Kernels;

public unsafe class ColumnSumsTests
{
    [Fact]
    public void Every_number_of_rows_and_of_columns()
    {
        var fuzz = new Fuzz(1);
        foreach (int size in Fuzz.Sizes)
        {
            Check(fuzz, rows: size, columns: 1 + fuzz.Below(80), parts: 1, fuzz.Pool());
            Check(fuzz, rows: fuzz.Below(40), columns: size, parts: 1, fuzz.Pool());
        }
    }

    [Fact]
    public void The_rows_of_micro_batches_are_summed_apart_and_added_in_the_tree()
    {
        var fuzz = new Fuzz(2);
        for (int parts = 1; parts <= 16; parts++)
        {
            for (int round = 0; round < 8; round++)
            {
                Check(fuzz, parts * fuzz.Below(9), fuzz.Size(), parts, fuzz.Pool());
            }
        }
    }

    [Fact]
    public void All_threads_agree()
    {
        foreach (WorkerPool pool in Fuzz.Pools)
        {
            var fuzz = new Fuzz(3);
            Check(fuzz, rows: 257, columns: 257, parts: 1, pool);
            Check(fuzz, rows: 64 * 8, columns: 130, parts: 8, pool);
        }
    }

    [Fact]
    public void Each_micro_batch_has_a_place_of_its_own_where_the_gradient_is_shared()
    {
        var fuzz = new Fuzz(4);
        for (int places = 2; places <= 8; places++)
        {
            int share = 1 + fuzz.Below(9), columns = fuzz.Size();
            float[] x = fuzz.Values(places * share * columns), old = fuzz.Values(places * columns);
            foreach (bool accumulate in (bool[])[false, true])
            {
                using GuardedFloats from = new(x, fuzz.Offset());
                using GuardedFloats first = new(old.AsSpan(0, columns), fuzz.Offset()), others = new(old.AsSpan(columns), fuzz.Offset());
                ColumnSums.Compute(
                    from.Pointer, places * share, columns,
                    new ParameterGradientTarget(first.Pointer, others.Pointer, columns, places, 1, accumulate), fuzz.Pool());
                float[] expected = [.. Enumerable.Range(0, places).SelectMany(place => Expected(
                    x.AsSpan(place * share * columns, share * columns), old.AsSpan(place * columns, columns), share, columns, 1,
                    accumulate))];
                first.AssertHolds(expected.AsSpan(0, columns), $"the first of {places} places of {columns}");
                others.AssertHolds(expected.AsSpan(columns), $"the other {places - 1} places of {columns}");
            }
        }
    }

    private static void Check(Fuzz fuzz, int rows, int columns, int parts, WorkerPool pool)
    {
        float[] x = fuzz.Values(rows * columns), old = fuzz.Values(columns);
        foreach (bool accumulate in (bool[])[false, true])
        {
            FormattableString what = $"{rows}×{columns} in {parts} parts";
            float[] expected = Expected(x, old, rows, columns, parts, accumulate);
            using GuardedFloats from = new(x, fuzz.Offset()), sums = new(old, fuzz.Offset()), shared = new(old, fuzz.Offset());
            ColumnSums.Compute(
                from.Pointer, rows, columns, new ParameterGradientTarget(sums.Pointer, null, 0, 1, parts, accumulate), WorkerPool.Serial);
            SharedRows.Run(
                pool, (columns + 63) / 64,
                new ColumnSums
                {
                    X = from.Pointer, Sums = shared.Pointer, Rows = rows, Columns = columns, MicroBatches = parts, Accumulate = accumulate,
                });
            sums.AssertHolds(expected, what);
            shared.AssertHolds(expected, what);
        }
    }

    private static float[] Expected(ReadOnlySpan<float> x, ReadOnlySpan<float> old, int rows, int columns, int parts, bool accumulate)
    {
        float[] sums = Twin.ColumnSums(x, rows, columns, parts);
        for (int j = 0; accumulate && j < columns; j++)
        {
            sums[j] += old[j];
        }

        return sums;
    }
}
