using Habla.Modeling;
using Habla.Tensors.Threading;

namespace Habla.Generation;

/// <summary>
/// Continues a sequence of token ids, one token after another. What the model sees past its context is told in
/// <see cref="InferenceSession"/>.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="pool">The threads; null (the default) for the calling thread alone.</param>
public sealed class Generator(Gpt model, WorkerPool? pool = null)
{
    /// <summary>Continues a prompt.</summary>
    /// <param name="prompt">At least one token id.</param>
    /// <param name="sampling">How to choose.</param>
    /// <param name="maximumTokens">How many tokens to say at most; at least 0.</param>
    /// <param name="stopIds">Tokens that end the text; they are not given back.</param>
    /// <returns>The tokens after the prompt, as they come.</returns>
    /// <exception cref="InvalidInputException">
    /// The prompt is empty or has a token outside the vocabulary, or an option is impossible.
    /// </exception>
    public IEnumerable<GeneratedToken> Continue(
        IReadOnlyList<int> prompt, SamplingOptions sampling, int maximumTokens, IReadOnlySet<int>? stopIds = null)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(sampling);
        ArgumentOutOfRangeException.ThrowIfNegative(maximumTokens);
        InferenceSession.CheckPrompt(model.Config, [.. prompt]);
        return Say([.. prompt], new Sampler(sampling), maximumTokens, stopIds);
    }

    private IEnumerable<GeneratedToken> Say(int[] prompt, Sampler sampler, int maximumTokens, IReadOnlySet<int>? stopIds)
    {
        using var session = new InferenceSession(model, pool: pool);
        for (int said = 0; said < maximumTokens; said++)
        {
            if (said == 0)
            {
                session.Start(prompt);
            }

            (int id, double logProbability) = sampler.Choose(session.Logits(0), (ulong)said);
            if (stopIds?.Contains(id) == true)
            {
                yield break;
            }

            yield return new GeneratedToken(id, logProbability);
            session.Append([id]);
        }
    }
}
