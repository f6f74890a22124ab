using Habla.Tensors.Kernels;
using Habla.Tensors.Tests.Reference;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Kernels;

/// <summary>Tiles of both kinds, and threads, give each element the bits of one chain of fused multiply-adds.</summary>
public unsafe class GemmTests
{
    /// <summary>Where the chains begin.</summary>
    public enum Start
    {
        Zero,
        Row,
        Matrix,
    }

    public static TheoryData<bool, bool, Start> Forms()
    {
        var forms = new TheoryData<bool, bool, Start>();
        foreach (Start start in Enum.GetValues<Start>())
        {
            forms.Add(false, false, start);
            forms.Add(false, true, start);
            forms.Add(true, false, start);
            forms.Add(true, true, start);
        }

        return forms;
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_size_in_each_dimension(bool transposedA, bool transposedB, Start start)
    {
        var fuzz = new Fuzz(1);
        foreach (int size in Fuzz.Sizes)
        {
            Check(fuzz, size, fuzz.Size(40), fuzz.Size(20), transposedA, transposedB, start);
            Check(fuzz, fuzz.Size(30), size, fuzz.Size(20), transposedA, transposedB, start);
            Check(fuzz, fuzz.Size(20), fuzz.Size(40), size, transposedA, transposedB, start);
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Any_three_sizes(bool transposedA, bool transposedB, Start start)
    {
        var fuzz = new Fuzz(2);
        for (int round = 0; round < 25; round++)
        {
            Check(fuzz, fuzz.Size(), fuzz.Size(), fuzz.Size(), transposedA, transposedB, start);
        }
    }

    /// <summary>
    /// Blocks are 512 deep, 264 high and 2048 wide; a depth of up to one and a half blocks stays in one. Rows of B more than 512 floats
    /// apart are packed.
    /// </summary>
    [Theory]
    [MemberData(nameof(Forms))]
    public void Sizes_that_are_cut_into_blocks(bool transposedA, bool transposedB, Start start)
    {
        var fuzz = new Fuzz(3);
        foreach ((int m, int n, int k) in ((int, int, int)[])
            [(13, 33, 768), (13, 33, 769), (40, 31, 1025), (265, 17, 70), (529, 40, 35), (300, 34, 800), (5, 2049, 9), (100, 2100, 12),
                (97, 640, 30)])
        {
            Check(fuzz, m, n, k, transposedA, transposedB, start);
        }
    }

    /// <summary>
    /// Rows of A that lie 1024 or 2048 numbers apart are brought together where C has 256 columns or more: with several blocks of rows,
    /// of depth and of columns, with fewer rows than a tile, and with rows that the matrix's own do not fill.
    /// </summary>
    [Theory]
    [MemberData(nameof(Forms))]
    public void Rows_of_A_a_multiple_of_4_KB_apart(bool transposedA, bool transposedB, Start start)
    {
        var fuzz = new Fuzz(5);
        foreach ((int m, int n, int k, int aStride) in ((int, int, int, int)[])
            [(1, 256, 1024, 1024), (13, 257, 1024, 1024), (7, 290, 33, 1024), (265, 256, 70, 2048), (530, 257, 769, 1024),
                (40, 300, 2048, 2048), (270, 2310, 33, 1024), (26, 256, 0, 1024), (13, 255, 1024, 1024)])
        {
            Check(fuzz, m, n, k, transposedA, transposedB, start, aStride: aStride);
        }
    }

    [Fact]
    public void NaN_and_infinity_go_through_their_own_rows_and_columns_only()
    {
        var fuzz = new Fuzz(4);
        for (int round = 0; round < 60; round++)
        {
            int m = fuzz.Size(50), n = fuzz.Size(70), k = fuzz.Size(40);
            Check(fuzz, m, n, k, false, false, Start.Matrix, fuzz.WithSpecials);
        }
    }

    private static void Check(
        Fuzz fuzz, int m, int n, int k, bool transposedA, bool transposedB, Start start, Func<int, float, float[]>? numbers = null,
        int? aStride = null)
    {
        numbers ??= fuzz.Values;
        int strideOfA = aStride ?? (transposedA ? m : k) + fuzz.Below(5);
        int bStride = (transposedB ? k : n) + fuzz.Below(5), cStride = n + fuzz.Below(5);
        float[] a = numbers(strideOfA * (transposedA ? k : m), 1), b = numbers(bStride * (transposedB ? n : k), 1);
        float[] row = numbers(n, 1), matrix = numbers(m * cStride, 1);
        float[]? starts = start == Start.Zero ? null : new float[m * n];
        for (int i = 0; i < m && starts is not null; i++)
        {
            (start == Start.Row ? row : matrix.AsSpan(i * cStride, n)).CopyTo(starts.AsSpan(i * n));
        }

        var twinA = new Twin.Matrix(a, strideOfA);
        var twinB = new Twin.Matrix(b, bStride);
        float[] product = Twin.Product(
            m, n, 0, k, transposedA ? twinA.Transposed : twinA, transposedB ? twinB.Transposed : twinB, starts);
        float[] expected = [.. matrix]; // what lies between the rows of C stays
        for (int i = 0; i < m; i++)
        {
            product.AsSpan(i * n, n).CopyTo(expected.AsSpan(i * cStride));
        }

        using GuardedFloats pa = new(a, fuzz.Offset()), pb = new(b, fuzz.Offset()), prow = new(row, fuzz.Offset());
        MatrixView viewA = MatrixView.RowMajor(pa.Pointer, strideOfA), viewB = MatrixView.RowMajor(pb.Pointer, bStride);
        viewA = transposedA ? viewA.Transposed : viewA;
        viewB = transposedB ? viewB.Transposed : viewB;
        SumStart From(float* c) => start switch
        {
            Start.Zero => SumStart.Zero,
            Start.Row => SumStart.Row(prow.Pointer),
            _ => SumStart.Matrix(c, cStride),
        };

        FormattableString what = $"{m}×{n}×{k}, strides {strideOfA}, {bStride}, {cStride}";
        using GuardedFloats wide = new(matrix, fuzz.Offset()), narrow = new(matrix, fuzz.Offset()), shared = new(matrix, fuzz.Offset());
        BlockedGemm.Multiply<WideTiles>(m, n, k, viewA, viewB, wide.Pointer, cStride, From(wide.Pointer));
        BlockedGemm.Multiply<NarrowTiles>(m, n, k, viewA, viewB, narrow.Pointer, cStride, From(narrow.Pointer));
        WorkerPool pool = fuzz.Pool();
        Gemm.Multiply(m, n, k, viewA, viewB, shared.Pointer, cStride, From(shared.Pointer), pool);
        wide.AssertHolds(expected, $"wide tiles, {what}");
        narrow.AssertHolds(expected, $"narrow tiles, {what}");
        shared.AssertHolds(expected, $"{pool.ThreadCount} threads, {what}");
        if (k > 0)
        {
            wide.Restore(matrix);
            narrow.Restore(matrix);
            MultiplyPacked<WideTiles>(fuzz, m, n, k, viewA, viewB, wide.Pointer, cStride, From(wide.Pointer));
            MultiplyPacked<NarrowTiles>(fuzz, m, n, k, viewA, viewB, narrow.Pointer, cStride, From(narrow.Pointer));
            wide.AssertHolds(expected, $"wide tiles, packed, {what}");
            narrow.AssertHolds(expected, $"narrow tiles, packed, {what}");
        }
    }

    /// <summary>The same product with all of B packed before.</summary>
    private static void MultiplyPacked<TTiles>(
        Fuzz fuzz, int m, int n, int k, MatrixView a, MatrixView b, float* c, int cStride, SumStart start)
        where TTiles : struct, ITileSet
    {
        using GuardedFloats packed = fuzz.Empty((int)PackedMatrix<TTiles>.SizeOf(k, n));
        PackedMatrix<TTiles>.Copy(b, k, n, packed.Pointer);
        BlockedGemm.MultiplyPacked<TTiles>(m, n, k, a, packed.Pointer, c, cStride, start);
        packed.AssertGuarded($"B packed, {k}×{n}");
    }
}
