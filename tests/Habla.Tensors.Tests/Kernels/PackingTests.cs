using Habla.Tensors.Kernels;

namespace Habla.Tensors.Tests.Kernels;

public unsafe class PackingTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_panel_is_copied_into_a_straight_line_with_zeros_past_its_end(bool transposed)
    {
        var fuzz = new Fuzz(1);
        foreach (int depth in Fuzz.Sizes)
        {
            for (int width = 16; width <= 32; width += 16)
            {
                Check(fuzz, depth, fuzz.Below(width + 1), width, transposed);
                Check(fuzz, depth, width, width, transposed);
            }
        }

        for (int columns = 0; columns <= 32; columns++)
        {
            Check(fuzz, fuzz.Size(), columns, columns > 16 ? 32 : 16, transposed);
            Check(fuzz, fuzz.Size(), columns, 32, transposed);
        }
    }

    private static void Check(Fuzz fuzz, int depth, int columns, int width, bool transposed)
    {
        int stride = (transposed ? depth : columns) + fuzz.Below(5);
        float[] b = fuzz.WithSpecials(stride * (transposed ? columns : depth));
        float[] expected = new float[depth * width];
        for (int k = 0; k < depth; k++)
        {
            for (int j = 0; j < columns; j++)
            {
                expected[(k * width) + j] = transposed ? b[(j * stride) + k] : b[(k * stride) + j];
            }
        }

        using GuardedFloats from = new(b, fuzz.Offset()), to = fuzz.Empty(depth * width);
        MatrixView view = MatrixView.RowMajor(from.Pointer, stride);
        Packing.Pack(transposed ? view.Transposed : view, depth, columns, width, to.Pointer);
        to.AssertHolds(expected, $"{depth}×{columns} in {width}");
    }
}
