using Habla.Tensors.Threading;

namespace Habla.Tensors.Kernels;

/// <summary>
/// The gradients of one head's queries, keys and values a piece. The weights are computed again from the scores, strip by strip.
/// Blocks of queries are taken from the last to the first: the last one sees every key, so it writes all of dK and dV, and the
/// others add.
/// </summary>
/// <remarks>
/// Keeping the weights instead of computing them again would spare one product in five and the exponentials, at T × T floats a head
/// (12 MB a layer and micro-batch of the preset shakespeare-char, a quarter more than its activations take). It was not tried:
/// attention is 5 % of that step.
/// </remarks>
internal unsafe struct AttentionBackward : IParallelWork
{
    public AttentionShape Shape;
    public AttentionDropout Dropout;
    public float* QueryKeyValue, KeyBias, RowSums, OutputGradient, Gradient;
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
        int batch = piece / Shape.Heads, head = piece % Shape.Heads, d = Shape.HeadSize, t = Shape.Positions;
        int stride = PackedMatrix<WideTiles>.RoundUp(t), gradientStride = 3 * Shape.Width;
        long across = PackedMatrix<TTiles>.SizeOf(d, t), along = PackedMatrix<TTiles>.SizeOf(t, d);
        AttentionScratch scratch =
            AttentionScratch.OfThisThread((2 * across) + (3 * along) + (2L * AttentionShape.QueryBlock * stride));

        MatrixView q = Shape.Part(QueryKeyValue, batch, head, 0), k = Shape.Part(QueryKeyValue, batch, head, 1);
        MatrixView v = Shape.Part(QueryKeyValue, batch, head, 2), dOut = Shape.Head(OutputGradient, batch, head);
        var keysAcross = PackedMatrix<TTiles>.Pack(k.Transposed, d, t, scratch.Take(across));
        var valuesAcross = PackedMatrix<TTiles>.Pack(v.Transposed, d, t, scratch.Take(across));
        var keys = PackedMatrix<TTiles>.Pack(k, t, d, scratch.Take(along));
        var queries = PackedMatrix<TTiles>.Pack(q, t, d, scratch.Take(along));
        var dOutputs = PackedMatrix<TTiles>.Pack(dOut, t, d, scratch.Take(along));
        float* weights = scratch.Take((long)AttentionShape.QueryBlock * stride);
        float* slopes = scratch.Take((long)AttentionShape.QueryBlock * stride);
        MatrixView p = MatrixView.RowMajor(weights, stride), ds = MatrixView.RowMajor(slopes, stride);
        MatrixView dQueries = Shape.Part(Gradient, batch, head, 0);
        float* dKeys = Shape.Part(Gradient, batch, head, 1).Data;
        float* dValues = Shape.Part(Gradient, batch, head, 2).Data;
        float* bias = KeyBias is null ? null : KeyBias + ((long)batch * t);

        bool add = Accumulate;
        int lastBlock = (t - 1) / AttentionShape.QueryBlock * AttentionShape.QueryBlock;
        for (int first = lastBlock; first >= 0; first -= AttentionShape.QueryBlock, add = true)
        {
            int rows = Math.Min(AttentionShape.QueryBlock, t - first), visible = first + rows;
            keysAcross.MultiplyWhole(rows, visible, q.From(first, 0), weights, stride);
            valuesAcross.MultiplyWhole(rows, visible, dOut.From(first, 0), slopes, stride);
            for (int i = 0; i < rows; i++)
            {
                Slope(weights + ((long)i * stride), slopes + ((long)i * stride), first + i, visible, bias, piece);
            }

            // weights now holds P∘M, slopes holds dS/√D.
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
    }

    private readonly void Slope(float* scores, float* slopes, int query, int visible, float* bias, int piece)
    {
        float* sums = RowSums + (2 * (((long)piece * Shape.Positions) + query));
        AttentionSoftmax.Backward(
            scores, slopes, query + 1, visible, Shape.Scale, bias, sums[0], sums[1],
            Dropout.IsActive ? Dropout.Row(Shape, piece, query) : null, Dropout.Scale);
    }
}
