using Habla.Tensors.Threading;

namespace Habla.Tensors.Kernels;

/// <summary>
/// The gradients of one head's keys and values a piece, and of the queries of all heads that share them, strip by strip. Blocks of
/// queries are taken from the last to the first: the last one sees every key, so it writes all of dK and dV, and the others add; so do
/// further heads, in their order.
/// </summary>
/// <remarks>
/// Weights of short sequences come from memory (<see cref="AttentionMemory"/>), longer ones are computed again. Keeping them at T = 64
/// spares one product in five, a packing and the exponentials; with dropout's bits drawn faster and the stages of the softmax apart it
/// took a step of the preset book from 20.4 to 18.5 ms on one thread. At T = 256 and six heads the weights would be 12 MB a layer and
/// micro-batch, a quarter more than all activations; there attention is 5 % of the step.
/// </remarks>
internal unsafe struct AttentionBackward : IParallelWork
{
    public AttentionShape Shape;
    public ActivationFormat Format;
    public AttentionDropout Dropout;
    public AttentionMemory Memory;
    public TensorParts QueryKeyValue, OutputGradient, Gradient;
    public float* KeyBias;
    public int* FirstKeys;
    public bool Accumulate;

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
        long across = PackedMatrix<TTiles>.SizeOf(d, t), along = PackedMatrix<TTiles>.SizeOf(t, d);
        AttentionScratch scratch =
            AttentionScratch.OfThisThread(
                (2 * across) + (3 * along) + (2L * AttentionShape.QueryBlock * stride) + (3 * QueryKeyValue.ScratchFor(t, d))
                + OutputGradient.ScratchFor(t, d) + (3 * Gradient.ScratchFor(t, d)));

        MatrixView k = QueryKeyValue.Open(Shape.Part(batch, firstHead, 1), t, d, scratch);
        MatrixView v = QueryKeyValue.Open(Shape.Part(batch, firstHead, 2), t, d, scratch);
        var keysAcross = Memory.Weights is null
            ? PackedMatrix<TTiles>.Pack(k.Transposed, d, t, scratch.Take(across))
            : default;
        var valuesAcross = PackedMatrix<TTiles>.Pack(v.Transposed, d, t, scratch.Take(across));
        var keys = PackedMatrix<TTiles>.Pack(k, t, d, scratch.Take(along));
        float* strip = scratch.Take((long)AttentionShape.QueryBlock * stride);
        float* slopes = scratch.Take((long)AttentionShape.QueryBlock * stride);
        MatrixView ds = MatrixView.RowMajor(slopes, stride);
        MatrixView dKeyRows = Gradient.Open(Shape.Part(batch, firstHead, 1), t, d, scratch, read: Accumulate);
        MatrixView dValueRows = Gradient.Open(Shape.Part(batch, firstHead, 2), t, d, scratch, read: Accumulate);
        float* dKeys = dKeyRows.Data, dValues = dValueRows.Data;
        int gradientStride = dKeyRows.RowStride;

        bool add = Accumulate;
        long shared = scratch.Used;
        for (int head = firstHead; head < firstHead + Shape.Group; head++, scratch.Used = shared)
        {
            MatrixView q = QueryKeyValue.Open(Shape.Part(batch, head, 0), t, d, scratch);
            MatrixView dOut = OutputGradient.Open(Shape.Head(batch, head), t, d, scratch);
            var queries = PackedMatrix<TTiles>.Pack(q, t, d, scratch.Take(along));
            var dOutputs = PackedMatrix<TTiles>.Pack(dOut, t, d, scratch.Take(along));
            MatrixView dQueries = Gradient.Open(Shape.Part(batch, head, 0), t, d, scratch, read: Accumulate);
            int lastBlock = (t - 1) / AttentionShape.QueryBlock * AttentionShape.QueryBlock;
            for (int first = lastBlock; first >= 0; first -= AttentionShape.QueryBlock, add = true)
            {
                int rows = Math.Min(AttentionShape.QueryBlock, t - first), visible = first + rows;
                int batchHead = (batch * Shape.Heads) + head;
                AttentionSoftmax softmax = Shape.Softmax(batchHead, first, rows, KeyBias, FirstKeys, Dropout);
                long row = ((long)batchHead * t) + first;
                float* weights = strip;
                if (Memory.Weights is not null)
                {
                    weights = Memory.Weights + (row * stride);
                }
                else
                {
                    keysAcross.MultiplyWhole(rows, visible, q.From(first, 0), strip, stride);
                    softmax.Again(strip, Memory.RowSums + (2 * row));
                }

                valuesAcross.MultiplyWhole(rows, visible, dOut.From(first, 0), slopes, stride);
                softmax.Backward(weights, slopes, strip);
                MatrixView p = MatrixView.RowMajor(Dropout.IsActive ? strip : weights, stride);
                SixteenBits.RoundRows(Format, p.Data, rows, visible, stride);
                SixteenBits.RoundRows(Format, slopes, rows, visible, stride);
                dOutputs.Multiply(
                    visible, first, rows, p.Transposed, dValues, gradientStride,
                    add ? SumStart.Matrix(dValues, gradientStride) : SumStart.Zero);
                queries.Multiply(
                    visible, first, rows, ds.Transposed, dKeys, gradientStride,
                    add ? SumStart.Matrix(dKeys, gradientStride) : SumStart.Zero);
                float* dQuery = dQueries.From(first, 0).Data;
                keys.Multiply(
                    rows, 0, visible, ds, dQuery, gradientStride,
                    Accumulate ? SumStart.Matrix(dQuery, gradientStride) : SumStart.Zero);
            }

            Gradient.Store(dQueries, Shape.Part(batch, head, 0), t, d);
        }

        Gradient.Store(dKeyRows, Shape.Part(batch, firstHead, 1), t, d);
        Gradient.Store(dValueRows, Shape.Part(batch, firstHead, 2), t, d);
    }
}
