namespace Habla.Tensors.Tests.Reference;

public static partial class ReferenceOps
{
    /// <summary>
    /// The sum of −ln p(target) over the rows that count (null: all) of logits [rows, classes], over the divisor (null: how many
    /// count, which makes it the token mean); 0 when none counts.
    /// </summary>
    public static double CrossEntropy(double[] logits, int[] targets, bool[]? counts, int classes, double? divisor = null)
    {
        double sum = 0;
        for (int r = 0; r < targets.Length; r++)
        {
            if (counts is null || counts[r])
            {
                double[] row = logits[(r * classes)..((r + 1) * classes)];
                double greatest = row.Max();
                sum += greatest + Math.Log(row.Sum(logit => Math.Exp(logit - greatest))) - row[targets[r]];
            }
        }

        double count = divisor ?? Counted(targets, counts);
        return count == 0 ? 0 : sum / count;
    }

    /// <summary>dlogits = (softmax − the target's one) · dloss / divisor in rows that count, zero elsewhere.</summary>
    public static double[] CrossEntropyBackward(
        double dloss, double[] logits, int[] targets, bool[]? counts, int classes, double? divisor = null)
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
                    dlogits[(r * classes) + c] = (shares[c] - (c == targets[r] ? 1 : 0)) * dloss / count;
                }
            }
        }

        return dlogits;
    }

    private static double Counted(int[] targets, bool[]? counts) => counts?.Count(flag => flag) ?? targets.Length;
}
