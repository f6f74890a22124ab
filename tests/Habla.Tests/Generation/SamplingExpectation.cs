using Habla.Generation;

namespace Habla.Tests.Generation;

/// <summary>
/// What sampling is by definition, in plain float64: sorts whole vocabularies and is as slow as it is short. Every step stands in the
/// documented order.
/// </summary>
internal static class SamplingExpectation
{
    /// <summary>The probability of each token.</summary>
    public static double[] Probabilities(
        IReadOnlyList<float> logits, SamplingOptions options, IReadOnlyList<int>? prompt = null, IReadOnlyList<int>? said = null)
    {
        double[] scores = [.. logits.Select((logit, id) => Score(logit, id, options, prompt ?? [], said ?? []))];
        int[] order = [.. Enumerable.Range(0, scores.Length).OrderByDescending(id => scores[id]).ThenBy(id => id)];
        double temperature = options.Temperature == 0 ? 1 : options.Temperature;
        double[] weights = [.. scores.Select(score => Math.Exp((score - scores[order[0]]) / temperature))];
        int[] kept = options.Temperature == 0 ? order[..1] : order;
        kept = options.TopK > 0 && options.Temperature > 0 ? kept[..Math.Min(kept.Length, options.TopK)] : kept;

        double total = kept.Sum(id => weights[id]), sum = 0;
        int nucleus = 0;
        while (nucleus < kept.Length && sum < (options.TopP * total) - 1e-12)
        {
            sum += weights[kept[nucleus++]];
        }

        kept = [.. kept[..nucleus].Where(id => weights[id] >= options.MinP)];
        double[] probabilities = new double[scores.Length];
        Array.ForEach(kept, id => probabilities[id] = weights[id] / kept.Sum(other => weights[other]));
        return probabilities;
    }

    private static double Score(float logit, int id, SamplingOptions options, IReadOnlyList<int> prompt, IReadOnlyList<int> said)
    {
        double score = logit + options.LogitBias.GetValueOrDefault(id);
        if (prompt.Contains(id) || said.Contains(id))
        {
            score = score > 0 ? score / options.RepetitionPenalty : score * options.RepetitionPenalty;
        }

        int times = said.Count(one => one == id);
        return score - (times * options.FrequencyPenalty) - (times > 0 ? options.PresencePenalty : 0);
    }
}
