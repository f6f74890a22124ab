using Habla.Tensors.Threading;

namespace Habla.Tensors.Kernels;

/// <summary>
/// Self-attention of one (sample, head of keys and values) a piece; heads write to columns of their own. Keys and values are packed once
/// for all blocks of queries of all heads that share them; a block's scores, weights and output are computed on a strip that stays in
/// the cache.
/// </summary>
/// <remarks>
/// With the general product, which packed both operands for each of its calls, attention took three times as long at T = 32 and
/// D = 16 (0.98 ms a step of the preset lab, both threads together, instead of 0.34). Blocks of 16, 24 and 32 queries are equally
/// fast within the noise at T = 64 and T = 256.
/// </remarks>
internal unsafe struct AttentionForward : IParallelWork
{
    public AttentionShape Shape;
    public ActivationFormat Format;
    public AttentionDropout Dropout;
    public AttentionMemory Memory;
    public TensorParts QueryKeyValue, Output;
    public float* KeyBias;
    public int* FirstKeys;

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
        int batch = piece / Shape.KeyValueHeads, firstHead = piece % Shape.KeyValueHeads * Shape.Group;
        int d = Shape.HeadSize, t = Shape.Positions, stride = Shape.RowSize;
        long keySize = PackedMatrix<TTiles>.SizeOf(d, t), valueSize = PackedMatrix<TTiles>.SizeOf(t, d);
        AttentionScratch scratch = AttentionScratch.OfThisThread(
            keySize + valueSize + ((long)AttentionShape.QueryBlock * stride) + (3 * QueryKeyValue.ScratchFor(t, d))
            + Output.ScratchFor(t, d));
        MatrixView k = QueryKeyValue.Open(Shape.Part(batch, firstHead, 1), t, d, scratch);
        MatrixView v = QueryKeyValue.Open(Shape.Part(batch, firstHead, 2), t, d, scratch);
        var keys = PackedMatrix<TTiles>.Pack(k.Transposed, d, t, scratch.Take(keySize));
        var values = PackedMatrix<TTiles>.Pack(v, t, d, scratch.Take(valueSize));
        float* strip = scratch.Take((long)AttentionShape.QueryBlock * stride);
        long shared = scratch.Used;
        for (int head = firstHead; head < firstHead + Shape.Group; head++, scratch.Used = shared)
        {
            MatrixView queries = QueryKeyValue.Open(Shape.Part(batch, head, 0), t, d, scratch);
            MatrixView output = Output.Open(Shape.Head(batch, head), t, d, scratch, read: false);
            for (int first = 0; first < t; first += AttentionShape.QueryBlock)
            {
                int rows = Math.Min(AttentionShape.QueryBlock, t - first), visible = first + rows;
                keys.MultiplyWhole(rows, visible, queries.From(first, 0), strip, stride);
                Weigh(strip, first, rows, (batch * Shape.Heads) + head);
                SixteenBits.RoundRows(Format, strip, rows, visible, stride);
                values.Multiply(
                    rows, 0, visible, MatrixView.RowMajor(strip, stride), output.From(first, 0).Data, output.RowStride, SumStart.Zero);
            }

            Output.Store(output, Shape.Head(batch, head), t, d);
        }
    }

    /// <summary>From a block's scores to its weights, dropped where dropout says so.</summary>
    private readonly void Weigh(float* strip, int first, int rows, int batchHead)
    {
        if (Dropout.IsActive)
        {
            Dropout.Draw(Shape, batchHead, first, rows);
        }

        float* ownSums = stackalloc float[2 * AttentionShape.QueryBlock];
        long row = ((long)batchHead * Shape.Positions) + first;
        Shape.Softmax(batchHead, first, rows, KeyBias, FirstKeys, Dropout).Forward(
            strip,
            Memory.Weights is null ? null : Memory.Weights + (row * Shape.RowSize),
            Memory.RowSums is null ? ownSums : Memory.RowSums + (2 * row));
    }
}
