namespace Habla.Generation;

/// <summary>
/// Makes every token of the prompt and of what was said less likely, however often it was there: a score above 0 is divided, one below
/// 0 multiplied.
/// </summary>
/// <remarks>Keskar et al., "CTRL: a conditional transformer language model", 2019.</remarks>
/// <param name="penalty">Above 1 makes them less likely, below 1 likelier.</param>
public sealed class RepetitionPenalty(double penalty) : ISamplingStep
{
    /// <inheritdoc/>
    public void Apply(Candidates candidates, TokenHistory history)
    {
        foreach (int id in history.Distinct)
        {
            if (candidates.PlaceOf(id) is >= 0 and int place)
            {
                double score = candidates.Scores[place];
                candidates.SetScore(place, score > 0 ? score / penalty : score * penalty);
            }
        }
    }
}
