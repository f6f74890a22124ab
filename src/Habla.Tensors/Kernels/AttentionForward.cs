using System.Runtime.Intrinsics;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Kernels;

/// <summary>Self-attention of one (sample, head) a piece; heads write to columns of their own.</summary>
internal unsafe struct AttentionForward : IParallelWork
{
    public AttentionShape Shape;
    public AttentionDropout Dropout;
    public float* QueryKeyValue, KeyBias, Output, LogSums;

    public readonly void Run(int piece)
    {
        int batch = piece / Shape.Heads, head = piece % Shape.Heads, d = Shape.HeadSize;
        MatrixView queries = Shape.Part(QueryKeyValue, batch, head, 0);
        MatrixView keys = Shape.Part(QueryKeyValue, batch, head, 1);
        MatrixView values = Shape.Part(QueryKeyValue, batch, head, 2);
        MatrixView output = Shape.Head(Output, batch, head);
        float* bias = KeyBias is null ? null : KeyBias + ((long)batch * Shape.Positions);
        float* strip = AttentionScratch.OfThisThread.First(AttentionShape.QueryBlock * Shape.Positions);
        for (int first = 0; first < Shape.Positions; first += AttentionShape.QueryBlock)
        {
            int rows = Math.Min(AttentionShape.QueryBlock, Shape.Positions - first), visible = first + rows;
            Gemm.Multiply(rows, visible, d, queries.From(first, 0), keys.Transposed, strip, visible, accumulate: false);
            for (int i = 0; i < rows; i++)
            {
                float* row = strip + ((long)i * visible);
                int query = first + i;
                LogSums[((long)piece * Shape.Positions) + query] = Softmax(row, query + 1, visible, Shape.Scale, bias);
                if (Dropout.IsActive)
                {
                    Dropout.Apply(row, query + 1, Shape, piece, query);
                }
            }

            Gemm.Multiply(
                rows, d, visible, MatrixView.RowMajor(strip, visible), values,
                output.From(first, 0).Data, Shape.Width, accumulate: false);
        }
    }

    /// <summary>Turns a row of scores into weights; what the query may not see becomes 0. Gives ln Σ e^score.</summary>
    private static float Softmax(float* row, int seen, int length, float scale, float* bias)
    {
        ScaleAndMask(row, seen, scale, bias);
        float max = SoftmaxKernels.Max(row, seen);
        new Span<float>(row + seen, length - seen).Clear();
        if (float.IsNegativeInfinity(max))
        {
            // Every key in sight is padding: e^(s − ∞) is 0 on the way back too.
            new Span<float>(row, seen).Clear();
            return float.PositiveInfinity;
        }

        float logSum = max + VectorMath.Log(SoftmaxKernels.SumExp(row, seen, max));
        SoftmaxKernels.Exp(row, row, seen, logSum);
        return logSum;
    }

    /// <summary>row = row·scale + bias.</summary>
    internal static void ScaleAndMask(float* row, int seen, float scale, float* bias)
    {
        Vector512<float> scales = Vector512.Create(scale);
        for (int j = 0; j < seen; j += Lanes.Count)
        {
            int width = Math.Min(Lanes.Count, seen - j);
            Vector512<float> score = Lanes.Load(row + j, width) * scales;
            Lanes.Store(bias is null ? score : score + Lanes.Load(bias + j, width), row + j, width);
        }
    }
}
