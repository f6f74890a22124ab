namespace Habla.Tensors.Kernels;

/// <summary>Rows of A that lie a multiple of 4 KB apart, brought together tile by tile while the first panel is computed.</summary>
/// <remarks>
/// Such rows share a few sets of the caches and drive each other out: 1024 × 1024 × 1024 took anything from 131 to 202 GFLOP/s on a
/// core, depending on the pages it was given, and takes 190 to 205 with the rows together. Copied all at once before the first panel
/// they cost 3 to 7 % of 256 × 768 × 3072, tile by tile nothing that shows; rows 2304 or 50257 numbers apart gain nothing by it, and
/// with the 12 panels of 384 columns they lose 2 %.
/// </remarks>
/// <param name="data">The first row.</param>
/// <param name="stride">From one row to the next.</param>
/// <param name="rows">How many there are.</param>
/// <param name="length">Numbers in a row.</param>
internal readonly unsafe struct FarRows(float* data, int stride, int rows, int length)
{
    /// <summary>Whether there is nothing to bring.</summary>
    public bool AreNone => rows == 0;

    /// <summary>Copies some rows, and asks for as many of those that follow.</summary>
    public void Bring(int first, int count, MatrixView together)
    {
        for (int i = first; i < first + count; i++)
        {
            new ReadOnlySpan<float>(data + ((long)i * stride), length).CopyTo(new Span<float>(together.From(i, 0).Data, length));
        }

        int next = first + count;
        new Ahead(data + ((long)next * stride), stride, Math.Min(count, rows - next), length).Ask();
    }
}
