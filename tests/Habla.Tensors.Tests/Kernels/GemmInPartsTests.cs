using Habla.Tensors.Kernels;
using Habla.Tensors.Tests.Reference;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Kernels;

/// <summary>A product for each micro-batch, added in the fixed tree without ever being in memory.</summary>
public unsafe class GemmInPartsTests
{
    [Fact]
    public void Every_height_and_width()
    {
        var fuzz = new Fuzz(1);
        foreach (int size in Fuzz.Sizes)
        {
            Check(fuzz, size, fuzz.Size(40), depth: fuzz.Below(6), parts: 2 + fuzz.Below(7));
            Check(fuzz, fuzz.Size(30), size, depth: fuzz.Below(6), parts: 2 + fuzz.Below(7));
        }
    }

    [Fact]
    public void Every_number_of_parts_and_every_depth()
    {
        var fuzz = new Fuzz(2);
        for (int parts = 2; parts <= 65; parts++)
        {
            Check(fuzz, fuzz.Size(20), fuzz.Size(40), depth: fuzz.Below(5), parts);
        }

        foreach (int depth in Fuzz.Sizes)
        {
            Check(fuzz, fuzz.Size(14), fuzz.Size(34), depth, parts: 2 + fuzz.Below(3));
        }
    }

    [Fact]
    public void Any_sizes_large_enough_to_be_shared_by_threads()
    {
        var fuzz = new Fuzz(3);
        for (int round = 0; round < 12; round++)
        {
            Check(fuzz, 64 + fuzz.Below(194), 64 + fuzz.Below(194), depth: 16 + fuzz.Below(17), parts: 2 + fuzz.Below(7));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_part_is_the_ordinary_product_and_may_be_added(bool accumulate)
    {
        var fuzz = new Fuzz(4);
        for (int round = 0; round < 20; round++)
        {
            int m = fuzz.Size(90), n = fuzz.Size(90), k = fuzz.Size(90);
            float[] a = fuzz.Values(k * m), b = fuzz.Values(k * n), old = fuzz.Values(m * n);
            float[] expected = Twin.Product(m, n, 0, k, new Twin.Matrix(a, m).Transposed, new Twin.Matrix(b, n), accumulate ? old : null);
            using GuardedFloats pa = new(a, fuzz.Offset()), pb = new(b, fuzz.Offset()), c = new(old, fuzz.Offset());
            Gemm.MultiplyInParts(
                m, n, k, 1, MatrixView.RowMajor(pa.Pointer, m).Transposed, MatrixView.RowMajor(pb.Pointer, n), c.Pointer, n, accumulate,
                fuzz.Pool());
            c.AssertHolds(expected, $"{m}×{n}×{k}");
        }
    }

    private static void Check(Fuzz fuzz, int m, int n, int depth, int parts)
    {
        int k = parts * depth, aStride = m + fuzz.Below(5), bStride = n + fuzz.Below(5), cStride = n + fuzz.Below(5);
        float[] a = fuzz.Values(k * aStride), b = fuzz.Values(k * bStride), between = fuzz.Values(m * cStride);
        float[] product = Twin.ProductInParts(m, n, k, parts, new Twin.Matrix(a, aStride).Transposed, new Twin.Matrix(b, bStride));
        float[] expected = [.. between];
        for (int i = 0; i < m; i++)
        {
            product.AsSpan(i * n, n).CopyTo(expected.AsSpan(i * cStride));
        }

        using GuardedFloats pa = new(a, fuzz.Offset()), pb = new(b, fuzz.Offset());
        MatrixView viewA = MatrixView.RowMajor(pa.Pointer, aStride).Transposed, viewB = MatrixView.RowMajor(pb.Pointer, bStride);
        using GuardedFloats wide = new(between, fuzz.Offset()), narrow = new(between, fuzz.Offset()), shared = new(between, fuzz.Offset());
        GemmInParts.Multiply<WideTiles>(m, n, k, parts, viewA, viewB, wide.Pointer, cStride);
        GemmInParts.Multiply<NarrowTiles>(m, n, k, parts, viewA, viewB, narrow.Pointer, cStride);
        WorkerPool pool = fuzz.Pool();
        Gemm.MultiplyInParts(m, n, k, parts, viewA, viewB, shared.Pointer, cStride, accumulate: false, pool);
        wide.AssertHolds(expected, $"wide tiles, {m}×{n}×{k} in {parts} parts");
        narrow.AssertHolds(expected, $"narrow tiles, {m}×{n}×{k} in {parts} parts");
        shared.AssertHolds(expected, $"{pool.ThreadCount} threads, {m}×{n}×{k} in {parts} parts");
    }
}
