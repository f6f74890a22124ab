namespace Habla.Tensors.Tests.Reference;

public static partial class ReferenceOps
{
    /// <summary>
    /// Causal self-attention of H heads on queries, keys and values [B, T, C]. Position t of a sequence sees the positions
    /// up to t whose flag in visible [B, T] is set (null: all are); when it sees none the result is zeros. Dropout multiplies
    /// each attention weight by its factor [B, H, T, T] (null: 1).
    /// </summary>
    public static double[] Attention(
        double[] q, double[] k, double[] v, bool[]? visible, int batchSize, int length, int width, int heads, double[]? factors = null)
    {
        double[] y = new double[q.Length];
        int headSize = width / heads;
        for (int b = 0; b < batchSize; b++)
        {
            for (int head = 0; head < heads; head++)
            {
                for (int t = 0; t < length; t++)
                {
                    double[] weights = AttentionWeights(q, k, visible, b, head, t, length, width, headSize);
                    for (int s = 0; s <= t; s++)
                    {
                        double weight = weights[s] * Factor(factors, b, heads, head, length, t, s);
                        for (int d = 0; d < headSize; d++)
                        {
                            y[At(b, t, head, d)] += weight * v[At(b, s, head, d)];
                        }
                    }
                }
            }
        }

        return y;

        int At(int b, int t, int head, int d) => (((b * length) + t) * width) + (head * headSize) + d;
    }

    /// <summary>With p the weights and dp = dy · v: the scores' gradient is p · (dp − Σ p · dp).</summary>
    public static (double[] Q, double[] K, double[] V) AttentionBackward(
        double[] dy, double[] q, double[] k, double[] v, bool[]? visible, int batchSize, int length, int width, int heads,
        double[]? factors = null)
    {
        double[] dq = new double[q.Length], dk = new double[q.Length], dv = new double[q.Length];
        int headSize = width / heads;
        double scale = 1 / Math.Sqrt(headSize);
        for (int b = 0; b < batchSize; b++)
        {
            for (int head = 0; head < heads; head++)
            {
                for (int t = 0; t < length; t++)
                {
                    double[] weights = AttentionWeights(q, k, visible, b, head, t, length, width, headSize);
                    double[] dweights = new double[t + 1];
                    double mean = 0;
                    for (int s = 0; s <= t; s++)
                    {
                        double factor = Factor(factors, b, heads, head, length, t, s);
                        for (int d = 0; d < headSize; d++)
                        {
                            double incoming = dy[At(b, t, head, d)];
                            dweights[s] += factor * incoming * v[At(b, s, head, d)];
                            dv[At(b, s, head, d)] += factor * weights[s] * incoming;
                        }

                        mean += weights[s] * dweights[s];
                    }

                    for (int s = 0; s <= t; s++)
                    {
                        double dscore = weights[s] * (dweights[s] - mean) * scale;
                        for (int d = 0; d < headSize; d++)
                        {
                            dq[At(b, t, head, d)] += dscore * k[At(b, s, head, d)];
                            dk[At(b, s, head, d)] += dscore * q[At(b, t, head, d)];
                        }
                    }
                }
            }
        }

        return (dq, dk, dv);

        int At(int b, int t, int head, int d) => (((b * length) + t) * width) + (head * headSize) + d;
    }

    /// <summary>How much position t of one head looks at each position up to t: at hidden ones not at all.</summary>
    private static double[] AttentionWeights(
        double[] q, double[] k, bool[]? visible, int b, int head, int t, int length, int width, int headSize)
    {
        double[] scores = new double[t + 1];
        for (int s = 0; s <= t; s++)
        {
            for (int d = 0; d < headSize; d++)
            {
                int query = (((b * length) + t) * width) + (head * headSize) + d;
                int key = (((b * length) + s) * width) + (head * headSize) + d;
                scores[s] += q[query] * k[key] / Math.Sqrt(headSize);
            }

            if (visible is not null && !visible[(b * length) + s])
            {
                scores[s] = double.NegativeInfinity;
            }
        }

        return Array.TrueForAll(scores, double.IsNegativeInfinity) ? new double[t + 1] : Softmax(scores);
    }

    private static double Factor(double[]? factors, int b, int heads, int head, int length, int t, int s) =>
        factors is null ? 1 : factors[(((((b * heads) + head) * length) + t) * length) + s];
}
