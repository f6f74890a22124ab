using Habla.Tensors;

namespace Habla.Generation;

/// <summary>Adds a number to the scores of some tokens: −∞ forbids one.</summary>
/// <param name="bias">What is added, by token.</param>
public sealed class LogitBias(IReadOnlyDictionary<int, double> bias) : ISamplingStep
{
    /// <inheritdoc/>
    public bool NeedsHistory => false;

    /// <inheritdoc/>
    public void Apply(Candidates candidates, TokenHistory history)
    {
        foreach ((int id, double value) in bias)
        {
            if (candidates.PlaceOf(id) is >= 0 and int place)
            {
                candidates.SetScore(place, candidates.Scores[place] + value);
            }
        }

        if (float.IsNegativeInfinity(LogitMath.Max(candidates.Scores)))
        {
            throw new InvalidInputException("logit-bias: no token is left that may come next; forbid fewer");
        }
    }
}
