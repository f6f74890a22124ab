using Habla.Tensors.Kernels;
using Habla.Tensors.Tests.Reference;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Kernels;

/// <summary>
/// Weights stored for inference give each element the bits of one chain of fused multiply-adds over the rounded weights: in every
/// form, in panels of both widths, for any rows and threads.
/// </summary>
public unsafe class WeightMatrixTests
{
    public static TheoryData<WeightFormat> Formats() => [WeightFormat.Float32, WeightFormat.Float16, WeightFormat.Q8];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_size_in_each_dimension(WeightFormat format)
    {
        var fuzz = new Fuzz(1);
        foreach (int size in Fuzz.Sizes)
        {
            Check(fuzz, format, 1 + fuzz.Below(5), size, fuzz.Size(70));
            Check(fuzz, format, 1 + fuzz.Below(5), fuzz.Size(70), size);
            Check(fuzz, format, size, 1 + fuzz.Below(40), 1 + fuzz.Below(40));
        }
    }

    /// <summary>Up to 12 rows panels are read as they lie; beyond, in stretches of 512 inputs.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void Rows_of_both_ways_and_many_inputs_and_outputs(WeightFormat format)
    {
        var fuzz = new Fuzz(2);
        foreach ((int rows, int outputs, int inputs) in ((int, int, int)[])
            [(1, 2304, 768), (1, 65, 1536), (2, 300, 1100), (3, 129, 513), (4, 257, 96), (5, 100, 520), (8, 64, 1024), (12, 200, 700),
                (13, 200, 700), (13, 97, 1025), (40, 130, 512), (64, 33, 1537)])
        {
            Check(fuzz, format, rows, outputs, inputs);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void NaN_and_infinity_show_in_the_outputs_that_they_reach(WeightFormat format)
    {
        var fuzz = new Fuzz(3);
        for (int round = 0; round < 40; round++)
        {
            Check(fuzz, format, 1 + fuzz.Below(16), fuzz.Size(140), fuzz.Size(70), fuzz.WithSpecials);
        }
    }

    [Fact]
    public void It_says_how_many_bytes_a_product_reads()
    {
        float[] weights = new float[128 * 70];
        fixed (float* pointer = weights)
        {
            // Whole panels; q8_0 has two bytes for the three blocks of each output.
            using WeightMatrix single = WeightMatrix.Create(WeightFormat.Float32, pointer, 128, 70, Fuzz.Pool(1));
            using WeightMatrix half = WeightMatrix.Create(WeightFormat.Float16, pointer, 128, 70, Fuzz.Pool(1));
            using WeightMatrix quarter = WeightMatrix.Create(WeightFormat.Q8, pointer, 128, 70, Fuzz.Pool(1));
            Assert.Equal(128 * 70 * 4, single.Bytes);
            Assert.Equal(128 * 70 * 2, half.Bytes);
            Assert.Equal(128 * (70 + 6), quarter.Bytes);
        }
    }

    private static void Check(
        Fuzz fuzz, WeightFormat format, int rows, int outputs, int inputs, Func<int, float, float[]>? numbers = null)
    {
        numbers ??= fuzz.Values;
        float[] x = numbers(rows * inputs, 1), weights = numbers(outputs * inputs, 0.3f), bias = numbers(outputs, 1);
        var stored = new Twin.Matrix(Twin.Stored(format, weights, inputs), inputs);
        using GuardedFloats px = new(x, fuzz.Offset()), pw = new(weights, fuzz.Offset()), pb = new(bias, fuzz.Offset());
        bool biased = fuzz.Coin();
        float[]? starts = biased ? [.. Enumerable.Range(0, rows).SelectMany(_ => bias)] : null;
        float[] expected = Twin.Product(rows, outputs, 0, inputs, new Twin.Matrix(x, inputs), stored.Transposed, starts);
        foreach (bool wide in (bool[])[true, false])
        {
            WorkerPool pool = fuzz.Pool();
            using WeightMatrix matrix = wide
                ? WeightMatrix.CreateWide(format, pw.Pointer, outputs, inputs, pool)
                : WeightMatrix.CreateNarrow(format, pw.Pointer, outputs, inputs, pool);
            using GuardedFloats y = fuzz.Empty(rows * outputs);
            matrix.Multiply(rows, px.Pointer, y.Pointer, biased ? SumStart.Row(pb.Pointer) : SumStart.Zero, pool);
            y.AssertHolds(expected, $"{format}, wide {wide}, {pool.ThreadCount} threads, {rows} rows, [{outputs}, {inputs}]");
        }
    }
}
