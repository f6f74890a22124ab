using Habla.Tensors.Threading;

namespace Habla.Tensors.Kernels;

/// <summary>
/// Attention of new positions over all that a cache holds, one (row, head of keys and values) a piece: the new keys and values go to the
/// cache, then the queries of all heads that share them look at it in blocks, as in <see cref="AttentionForward"/>.
/// </summary>
/// <remarks>
/// The bits are those of <see cref="AttentionForward"/> over the whole row: a score is one chain over D, a softmax runs over the vectors
/// up to its query's own position, and an output is a chain over the positions, to which what a block adds beyond its query is 0·v.
/// </remarks>
internal unsafe struct CachedAttentionForward : IParallelWork
{
    /// <summary>New positions, and how many the cache held before.</summary>
    public int Positions, First;

    public int Heads, KeyValueHeads, HeadSize;

    /// <summary>The cache's room, and its strides.</summary>
    public int Room, ValueStride;

    public long HeadStride;

    /// <summary><c>[B, n, (H + 2·H_kv)·D]</c> and <c>[B, n, H·D]</c>.</summary>
    public float* QueryKeyValue, Output;

    /// <summary>Where each row of the cache is.</summary>
    public nint* Rows;

    public readonly void Run(int piece)
    {
        if (WideTiles.AreBest)
        {
            Run<WideTiles>(piece);
        }
        else
        {
            Run<NarrowTiles>(piece);
        }
    }

    private readonly void Run<TTiles>(int piece)
        where TTiles : struct, ITileSet
    {
        int batch = piece / KeyValueHeads, head = piece % KeyValueHeads, group = Heads / KeyValueHeads, d = HeadSize;
        int inputs = (Heads + (2 * KeyValueHeads)) * d, outputs = Heads * d;
        float* keys = (float*)Rows[batch] + (head * HeadStride), values = keys + ((long)Room * d);
        float* row = QueryKeyValue + ((long)batch * Positions * inputs);
        AddKeys<TTiles>(row + ((long)(Heads + head) * d), inputs, keys);
        AddValues(row + ((long)(Heads + KeyValueHeads + head) * d), inputs, values);

        var allKeys = new PackedMatrix<TTiles>(keys, d, Room, 0);
        var allValues = new PackedMatrix<TTiles>(values, Room, d, ValueStride);
        int strips = Math.Min(AttentionShape.QueryBlock, Math.Max(Positions, group));
        int stride = PackedMatrix<WideTiles>.RoundUp(First + Positions);
        float* strip = AttentionScratch.OfThisThread((long)strips * stride).Take((long)strips * stride);
        float* output = Output + ((long)batch * Positions * outputs);
        if (Positions == 1)
        {
            // The heads that share keys and values are a block: their queries stand at one position, side by side.
            for (int h = head * group, rows; h < (head + 1) * group; h += rows)
            {
                rows = Math.Min(AttentionShape.QueryBlock, ((head + 1) * group) - h);
                allKeys.MultiplyWhole(rows, First + 1, MatrixView.RowMajor(row + ((long)h * d), d), strip, stride);
                for (int i = 0; i < rows; i++)
                {
                    Weigh(strip + ((long)i * stride), First, 1, stride);
                }

                allValues.Multiply(
                    rows, 0, First + 1, MatrixView.RowMajor(strip, stride), output + ((long)h * d), d, SumStart.Zero);
            }

            return;
        }

        for (int h = head * group; h < (head + 1) * group; h++)
        {
            for (int first = 0; first < Positions; first += AttentionShape.QueryBlock)
            {
                int rows = Math.Min(AttentionShape.QueryBlock, Positions - first), visible = First + first + rows;
                MatrixView queries = MatrixView.RowMajor(row + ((long)first * inputs) + ((long)h * d), inputs);
                allKeys.MultiplyWhole(rows, visible, queries, strip, stride);
                Weigh(strip, First + first, rows, stride);
                allValues.Multiply(
                    rows, 0, visible, MatrixView.RowMajor(strip, stride), output + ((long)first * outputs) + ((long)h * d), outputs,
                    SumStart.Zero);
            }
        }
    }

    /// <summary>From the scores of queries at positions that follow each other to their weights.</summary>
    private readonly void Weigh(float* strip, int first, int rows, int stride)
    {
        float* sums = stackalloc float[2 * AttentionShape.QueryBlock];
        var softmax = new AttentionSoftmax
        {
            First = first, Rows = rows, Stride = stride, Scale = AttentionShape.ScaleOf(HeadSize), DropoutScale = 1,
        };
        softmax.Forward(strip, null, sums);
    }

    /// <summary>A key is a column of Kᵀ: its numbers lie a panel's width apart.</summary>
    private readonly void AddKeys<TTiles>(float* source, int stride, float* keys)
        where TTiles : struct, ITileSet
    {
        for (int i = 0; i < Positions; i++, source += stride)
        {
            int position = First + i, column = position % TTiles.Width;
            float* to = keys + ((long)(position - column) * HeadSize) + column;
            for (int k = 0; k < HeadSize; k++, to += TTiles.Width)
            {
                *to = source[k];
            }
        }
    }

    private readonly void AddValues(float* source, int stride, float* values)
    {
        for (int i = 0; i < Positions; i++, source += stride)
        {
            new ReadOnlySpan<float>(source, HeadSize).CopyTo(new Span<float>(values + ((long)(First + i) * ValueStride), HeadSize));
        }
    }
}
