using System.Runtime.Intrinsics;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Kernels;

/// <summary>
/// The gradients of one head's queries, keys and values a piece. Blocks of queries are taken from the last to the first: the last
/// one sees every key, so it writes all of dK and dV, and the others add.
/// </summary>
internal unsafe struct AttentionBackward : IParallelWork
{
    public AttentionShape Shape;
    public AttentionDropout Dropout;
    public float* QueryKeyValue, KeyBias, LogSums, OutputGradient, Gradient;
    public bool Accumulate;

    public readonly void Run(int piece)
    {
        int batch = piece / Shape.Heads, head = piece % Shape.Heads, d = Shape.HeadSize, stride = 3 * Shape.Width;
        MatrixView queries = Shape.Part(QueryKeyValue, batch, head, 0);
        MatrixView keys = Shape.Part(QueryKeyValue, batch, head, 1);
        MatrixView values = Shape.Part(QueryKeyValue, batch, head, 2);
        MatrixView dQueries = Shape.Part(Gradient, batch, head, 0);
        float* dKeys = Shape.Part(Gradient, batch, head, 1).Data;
        float* dValues = Shape.Part(Gradient, batch, head, 2).Data;
        MatrixView dOutput = Shape.Head(OutputGradient, batch, head);
        float* bias = KeyBias is null ? null : KeyBias + ((long)batch * Shape.Positions);
        int stripLength = AttentionShape.QueryBlock * Shape.Positions;
        float* weights = AttentionScratch.OfThisThread.First(stripLength);
        float* slopes = AttentionScratch.OfThisThread.Second(stripLength);

        bool add = Accumulate;
        int lastBlock = (Shape.Positions - 1) / AttentionShape.QueryBlock * AttentionShape.QueryBlock;
        for (int first = lastBlock; first >= 0; first -= AttentionShape.QueryBlock, add = true)
        {
            int rows = Math.Min(AttentionShape.QueryBlock, Shape.Positions - first), visible = first + rows;
            MatrixView dOut = dOutput.From(first, 0);
            Gemm.Multiply(rows, visible, d, queries.From(first, 0), keys.Transposed, weights, visible, accumulate: false);
            Gemm.Multiply(rows, visible, d, dOut, values.Transposed, slopes, visible, accumulate: false);
            for (int i = 0; i < rows; i++)
            {
                RowBackward(
                    weights + ((long)i * visible), slopes + ((long)i * visible), first + i, visible, bias, piece,
                    LogSums[((long)piece * Shape.Positions) + first + i]);
            }

            // weights now holds P∘M, slopes holds dS/√D.
            MatrixView p = MatrixView.RowMajor(weights, visible), ds = MatrixView.RowMajor(slopes, visible);
            Gemm.Multiply(visible, d, rows, p.Transposed, dOut, dValues, stride, add);
            Gemm.Multiply(visible, d, rows, ds.Transposed, queries.From(first, 0), dKeys, stride, add);
            Gemm.Multiply(rows, d, visible, ds, keys, dQueries.From(first, 0).Data, stride, Accumulate);
        }
    }

    /// <summary>From raw scores and dout·Vᵀ to dropped weights and the slopes of the scores, for one query.</summary>
    private readonly void RowBackward(float* scores, float* slopes, int query, int visible, float* bias, int piece, float logSum)
    {
        int seen = query + 1;
        AttentionForward.ScaleAndMask(scores, seen, Shape.Scale, bias);
        SoftmaxKernels.Exp(scores, scores, seen, logSum);
        if (Dropout.IsActive)
        {
            Dropout.Apply(slopes, seen, Shape, piece, query);
        }

        Vector512<float> dot = default;
        for (int j = 0; j < seen; j += Lanes.Count)
        {
            int width = Math.Min(Lanes.Count, seen - j);
            dot = Vector512.FusedMultiplyAdd(Lanes.Load(scores + j, width), Lanes.Load(slopes + j, width), dot);
        }

        Vector512<float> mean = Vector512.Create(Lanes.Sum(dot)), scale = Vector512.Create(Shape.Scale);
        for (int j = 0; j < seen; j += Lanes.Count)
        {
            int width = Math.Min(Lanes.Count, seen - j);
            Vector512<float> slope = Lanes.Load(scores + j, width) * (Lanes.Load(slopes + j, width) - mean) * scale;
            Lanes.Store(slope, slopes + j, width);
        }

        if (Dropout.IsActive)
        {
            Dropout.Apply(scores, seen, Shape, piece, query);
        }

        new Span<float>(scores + seen, visible - seen).Clear();
        new Span<float>(slopes + seen, visible - seen).Clear();
    }
}
