namespace Habla.Tensors.Tests.Reference;

public static partial class ReferenceOps
{
    /// <summary>
    /// The sum of −ln p(target) over the rows that count (null: all) of logits [rows, classes], over the divisor (null: how many
    /// count, which makes it the token mean); 0 when none counts. Smoothing ε takes (1 − ε) of that and ε of the mean over all classes.
    /// </summary>
    public static double CrossEntropy(
        double[] logits, int[] targets, bool[]? counts, int classes, double? divisor = null, double smoothing = 0)
    {
        double sum = 0;
        for (int r = 0; r < targets.Length; r++)
        {
            if (counts is null || counts[r])
            {
                double[] row = logits[(r * classes)..((r + 1) * classes)];
                double greatest = row.Max();
                double logSum = greatest + Math.Log(row.Sum(logit => Math.Exp(logit - greatest)));
                sum += ((1 - smoothing) * (logSum - row[targets[r]]))
                    + (smoothing == 0 ? 0 : smoothing * row.Average(logit => logSum - logit));
            }
        }

        double count = divisor ?? Counted(targets, counts);
        return count == 0 ? 0 : sum / count;
    }

    /// <summary>dlogits = (softmax − the target's one) · dloss / divisor in rows that count, zero elsewhere.</summary>
    public static double[] CrossEntropyBackward(
        double dloss, double[] logits, int[] targets, bool[]? counts, int classes, double? divisor = null, double smoothing = 0)
    {
        double[] dlogits = new double[logits.Length];
        double count = divisor ?? Counted(targets, counts);
        for (int r = 0; r < targets.Length; r++)
        {
            if (counts is null || counts[r])
            {
                double[] shares = Softmax(logits[(r * classes)..((r + 1) * classes)]);
                for (int c = 0; c < classes; c++)
                {
                    dlogits[(r * classes) + c] = (
                        shares[c] - (c == targets[r] ? 1 - smoothing : 0) - (smoothing / classes)) * dloss / count;
                }
            }
        }

        return dlogits;
    }

    private static double Counted(int[] targets, bool[]? counts) => counts?.Count(flag => flag) ?? targets.Length;
}
