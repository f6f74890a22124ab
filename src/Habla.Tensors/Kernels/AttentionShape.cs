namespace Habla.Tensors.Kernels;

/// <summary>The sizes of a self-attention, and where in <c>[B, T, (H + 2·H_kv)·D]</c> a head's matrices are.</summary>
/// <remarks>
/// Other blocks of queries than 32 were tried: <see cref="AttentionForward"/>. Neighbouring heads share keys and values when there are
/// fewer of those (Ainslie et al., "GQA: Training generalized multi-query transformer models from multi-head checkpoints", 2023).
/// </remarks>
/// <param name="Batch">B</param>
/// <param name="Positions">T</param>
/// <param name="Heads">H</param>
/// <param name="HeadSize">D</param>
/// <param name="KeyValueHeads">H_kv, heads of keys and of values; divides H.</param>
internal readonly unsafe record struct AttentionShape(int Batch, int Positions, int Heads, int HeadSize, int KeyValueHeads)
{
    /// <summary>Each head has keys and values of its own: H_kv = H.</summary>
    public AttentionShape(int batch, int positions, int heads, int headSize)
        : this(batch, positions, heads, headSize, heads)
    {
    }

    /// <summary>
    /// How many queries share a strip of scores. It is part of the arithmetic: the keys and queries that a sum runs over end with a
    /// block. Small blocks compute less that causality then hides, large ones sum more at a time.
    /// </summary>
    public const int QueryBlock = 32;

    /// <summary>C</summary>
    public int Width => Heads * HeadSize;

    /// <summary>How many heads share keys and values: H / H_kv.</summary>
    public int Group => Heads / KeyValueHeads;

    /// <summary>Queries, keys and values of a position side by side: (H + 2·H_kv)·D.</summary>
    public int QueryKeyValueWidth => (Heads + (2 * KeyValueHeads)) * HeadSize;

    /// <summary>Floats in a row of scores: T rounded up to whole tiles.</summary>
    public int RowSize => PackedMatrix<WideTiles>.RoundUp(Positions);

    /// <summary>Rows of scores: B·H·T.</summary>
    public long RowCount => (long)Batch * Heads * Positions;

    /// <summary>1/√D</summary>
    public float Scale => ScaleOf(HeadSize);

    /// <summary>
    /// Where the queries (0), keys (1) or values (2) of a head are, a <c>[T, D]</c> matrix within <c>[B, T, (H + 2·H_kv)·D]</c>.
    /// </summary>
    public (long First, int Stride) Part(int batch, int head, int part)
    {
        int column = part == 0 ? head : Heads + ((part - 1) * KeyValueHeads) + (head / Group);
        return (((long)batch * Positions * QueryKeyValueWidth) + ((long)column * HeadSize), QueryKeyValueWidth);
    }

    /// <summary>1/√D for heads of so many numbers.</summary>
    public static float ScaleOf(int headSize) => 1f / MathF.Sqrt(headSize);

    /// <summary>Where a head's <c>[T, D]</c> matrix is within <c>[B, T, C]</c>.</summary>
    public (long First, int Stride) Head(int batch, int head) =>
        (((long)batch * Positions * Width) + ((long)head * HeadSize), Width);

    /// <summary>The softmax of a block of queries of a (sample, head).</summary>
    public AttentionSoftmax Softmax(int batchHead, int first, int rows, float* keyBias, int* firstKeys, in AttentionDropout dropout)
    {
        ulong* kept = dropout.Rows(this, batchHead);
        int words = AttentionDropout.WordsPerRow(this);
        return new AttentionSoftmax
        {
            First = first, Rows = rows, Stride = RowSize, Scale = Scale,
            Bias = keyBias is null ? null : keyBias + ((long)(batchHead / Heads) * Positions),
            FirstKeys = firstKeys is null ? null : firstKeys + ((long)(batchHead / Heads) * Positions) + first,
            Kept = kept is null ? null : kept + ((long)first * words), WordsPerRow = words, DropoutScale = dropout.Scale,
        };
    }
}
