namespace Habla.Tensors.Kernels;

/// <summary>The sizes of a self-attention, and where in <c>[B, T, 3C]</c> a head's matrices are.</summary>
/// <param name="Batch">B</param>
/// <param name="Positions">T</param>
/// <param name="Heads">H</param>
/// <param name="HeadSize">D</param>
internal readonly unsafe record struct AttentionShape(int Batch, int Positions, int Heads, int HeadSize)
{
    /// <summary>How many queries share a strip of scores. The strip of 64 × T floats stays in the L2 cache up to T = 4096.</summary>
    public const int QueryBlock = 64;

    /// <summary>C</summary>
    public int Width => Heads * HeadSize;

    /// <summary>1/√D</summary>
    public float Scale => 1f / MathF.Sqrt(HeadSize);

    /// <summary>The queries (0), keys (1) or values (2) of a head, as a <c>[T, D]</c> matrix within <c>[B, T, 3C]</c>.</summary>
    public MatrixView Part(float* queryKeyValue, int batch, int head, int part) => MatrixView.RowMajor(
        queryKeyValue + ((long)batch * Positions * 3 * Width) + ((long)part * Width) + ((long)head * HeadSize), 3 * Width);

    /// <summary>A head's <c>[T, D]</c> matrix within <c>[B, T, C]</c>.</summary>
    public MatrixView Head(float* output, int batch, int head) =>
        MatrixView.RowMajor(output + ((long)batch * Positions * Width) + ((long)head * HeadSize), Width);
}

/// <summary>The random factors of dropped attention weights: a row of 64-number groups for each (sample, head, query).</summary>
internal readonly unsafe struct AttentionDropout(SeededRandom random, ulong firstBlock, float probability)
{
    public bool IsActive => probability > 0;

    public static long BlocksPerSample(in AttentionShape shape) =>
        (long)shape.Heads * shape.Positions * DropoutKernel.BlocksFor(shape.Positions);

    /// <summary>Multiplies one query's row of weights by its factors, 0 or 1/(1 − p).</summary>
    public void Apply(float* row, int count, in AttentionShape shape, int batchHead, int query)
    {
        ulong rowNumber = ((ulong)batchHead * (ulong)shape.Positions) + (ulong)query;
        ulong block = firstBlock + (rowNumber * (ulong)DropoutKernel.BlocksFor(shape.Positions));
        DropoutKernel.Apply(row, row, count, random, block, probability);
    }
}
