namespace Habla.Generation;

/// <summary>Keeps the fewest likeliest tokens whose probabilities reach a sum together.</summary>
/// <remarks>
/// Holtzman et al., "The curious case of neural text degeneration", ICLR 2020. Tokens are ranked 128 at first and eight times as many
/// whenever these do not reach: a model that knows what it wants is done with the first.
/// </remarks>
/// <param name="share">The sum; above 0, at most 1.</param>
public sealed class TopP(double share) : ISamplingStep
{
    private const int FirstRanked = 128, Growth = 8;

    /// <inheritdoc/>
    public void Apply(Candidates candidates, TokenHistory history)
    {
        ReadOnlySpan<double> weights = candidates.Weights;
        double enough = share * candidates.Total;
        for (int ranked = FirstRanked; ; ranked *= Growth)
        {
            ReadOnlySpan<int> places = candidates.Rank(Math.Min(ranked, weights.Length));
            double sum = 0;
            for (int i = 0; i < places.Length; i++)
            {
                sum += weights[places[i]];
                if (sum >= enough)
                {
                    candidates.KeepLikeliest(i + 1);
                    return;
                }
            }

            if (places.Length == weights.Length)
            {
                return; // sums in two orders differ in the last bit: nothing is cut
            }
        }
    }
}
