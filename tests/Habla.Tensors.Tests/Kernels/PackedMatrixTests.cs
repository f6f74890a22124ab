using Habla.Tensors.Kernels;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Kernels;

/// <summary>A matrix that is packed once, or read where it lies, gives the products of the scalar loop.</summary>
public unsafe class PackedMatrixTests
{
    [Fact]
    public void Every_width_and_depth_with_wide_tiles() => Sweep<WideTiles>();

    [Fact]
    public void Every_width_and_depth_with_narrow_tiles() => Sweep<NarrowTiles>();

    private static void Sweep<TTiles>()
        where TTiles : struct, ITileSet
    {
        var fuzz = new Fuzz(1);
        foreach (int size in Fuzz.Sizes)
        {
            foreach (bool transposed in (bool[])[false, true])
            {
                Check<TTiles>(fuzz, depth: 1 + fuzz.Below(40), columns: size, transposed);
                Check<TTiles>(fuzz, depth: size, columns: 1 + fuzz.Below(100), transposed);
            }

            // Whole vectors of columns are read where they lie.
            Check<TTiles>(fuzz, depth: size, columns: 16 * fuzz.Below(8), transposed: false);
        }
    }

    private static void Check<TTiles>(Fuzz fuzz, int depth, int columns, bool transposed)
        where TTiles : struct, ITileSet
    {
        int stride = (transposed ? depth : columns) + fuzz.Below(5);
        float[] b = fuzz.Values(stride * (transposed ? columns : depth));
        using GuardedFloats pb = new(b, fuzz.Offset()), memory = fuzz.Empty((int)PackedMatrix<TTiles>.SizeOf(depth, columns));
        MatrixView view = MatrixView.RowMajor(pb.Pointer, stride);
        var packed = PackedMatrix<TTiles>.Pack(transposed ? view.Transposed : view, depth, columns, memory.Pointer);
        memory.AssertGuarded($"packed {depth}×{columns}");
        var twin = new Twin.Matrix(b, stride);
        twin = transposed ? twin.Transposed : twin;
        CheckSomeRows(fuzz, packed, twin, depth, columns);
        CheckWholePanels(fuzz, packed, twin, depth, columns);
        memory.AssertGuarded($"packed {depth}×{columns}");
    }

    /// <summary>A times a stretch of B's rows.</summary>
    private static void CheckSomeRows<TTiles>(Fuzz fuzz, PackedMatrix<TTiles> packed, Twin.Matrix b, int depth, int columns)
        where TTiles : struct, ITileSet
    {
        int m = fuzz.Size(40), first = fuzz.Size(depth), rows = fuzz.Size(depth - first), cStride = columns + fuzz.Below(5);
        float[] a = fuzz.Values(m * rows), old = fuzz.Values(m * cStride), row = fuzz.Values(columns);
        Twin.Matrix part = b with { First = first * b.RowStride };
        for (int kind = 0; kind < 3; kind++)
        {
            float[]? starts = kind == 0 ? null : [.. Enumerable.Range(0, m * columns)
                .Select(i => kind == 1 ? row[i % columns] : old[(i / columns * cStride) + (i % columns)])];
            float[] product = Twin.Product(m, columns, 0, rows, new Twin.Matrix(a, rows), part, starts), expected = [.. old];
            for (int i = 0; i < m; i++)
            {
                product.AsSpan(i * columns, columns).CopyTo(expected.AsSpan(i * cStride));
            }

            using GuardedFloats pa = new(a, fuzz.Offset()), c = new(old, fuzz.Offset()), prow = new(row, fuzz.Offset());
            packed.Multiply(
                m, first, rows, MatrixView.RowMajor(pa.Pointer, rows), c.Pointer, cStride,
                kind == 0 ? SumStart.Zero : kind == 1 ? SumStart.Row(prow.Pointer) : SumStart.Matrix(c.Pointer, cStride));
            c.AssertHolds(expected, $"{m} rows times rows {first} to {first + rows} of {depth}×{columns}, start {kind}");
        }
    }

    /// <summary>A times the first columns of B, up to the end of a panel; past B's end there are zeros.</summary>
    private static void CheckWholePanels<TTiles>(Fuzz fuzz, PackedMatrix<TTiles> packed, Twin.Matrix b, int depth, int columns)
        where TTiles : struct, ITileSet
    {
        int m = fuzz.Size(40), wanted = fuzz.Size(columns), room = PackedMatrix<WideTiles>.RoundUp(columns);
        float[] a = fuzz.Values(depth * m);
        bool transposed = fuzz.Coin();
        Twin.Matrix twinA = transposed ? new Twin.Matrix(a, m).Transposed : new Twin.Matrix(a, depth);
        float[] product = Twin.Product(m, columns, 0, depth, twinA, b, null);
        using GuardedFloats pa = new(a, fuzz.Offset()), c = fuzz.Empty(m * room);
        MatrixView viewA = transposed ? MatrixView.RowMajor(pa.Pointer, m).Transposed : MatrixView.RowMajor(pa.Pointer, depth);
        packed.MultiplyWhole(m, wanted, viewA, c.Pointer, room);
        c.AssertGuarded($"whole panels of {depth}×{columns}");
        for (int i = 0; i < m; i++)
        {
            // Whatever is asked for is there, and so is the rest of its vector.
            int whole = (wanted + 15) / 16 * 16, there = Math.Min(whole, columns);
            ReadOnlySpan<float> row = c.Span.Slice(i * room, whole);
            Bits.AssertSame(product.AsSpan(i * columns, there), row[..there], $"row {i} of {wanted} columns of {depth}×{columns}");
            Bits.AssertSame(new float[whole - there], row[there..], $"row {i} past {depth}×{columns}");
        }
    }
}
