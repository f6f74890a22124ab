namespace Habla.Generation;

/// <summary>
/// Makes tokens that were said less likely: a score loses one number for each time the token was said after the prompt, and another
/// once.
/// </summary>
/// <param name="frequency">What each time costs, in logits; 0 for nothing.</param>
/// <param name="presence">What the first time costs in addition; 0 for nothing.</param>
public sealed class FrequencyPenalty(double frequency, double presence) : ISamplingStep
{
    /// <inheritdoc/>
    public void Apply(Candidates candidates, TokenHistory history)
    {
        foreach (int id in history.Distinct)
        {
            int said = history.SaidCount(id);
            if (said > 0 && candidates.PlaceOf(id) is >= 0 and int place)
            {
                candidates.SetScore(place, candidates.Scores[place] - (said * frequency) - presence);
            }
        }
    }
}
