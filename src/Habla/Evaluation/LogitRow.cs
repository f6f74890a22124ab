namespace Habla.Evaluation;

/// <summary>What the logits <c>[V]</c> of one position say, in float64.</summary>
internal static class LogitRow
{
    /// <summary>−ln of the probability of a target, in nats.</summary>
    public static double Loss(ReadOnlySpan<float> logits, int target)
    {
        double greatest = double.NegativeInfinity, sum = 0;
        foreach (float logit in logits)
        {
            greatest = Math.Max(greatest, logit);
        }

        foreach (float logit in logits)
        {
            sum += Math.Exp(logit - greatest);
        }

        return greatest + Math.Log(sum) - logits[target];
    }

    /// <summary>The likeliest token; of equals the lowest id.</summary>
    public static int Likeliest(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int id = 1; id < logits.Length; id++)
        {
            best = logits[id] > logits[best] ? id : best;
        }

        return best;
    }
}
