namespace Habla.Generation;

/// <summary>
/// Divides the scores: below 1 the likely become likelier, above 1 everything becomes more alike; 0 keeps the likeliest alone.
/// </summary>
/// <remarks>It changes no order, so the division waits until probabilities are asked for: with top-k, for those of a few tokens.</remarks>
/// <param name="temperature">At least 0.</param>
public sealed class Temperature(double temperature) : ISamplingStep
{
    /// <inheritdoc/>
    public bool NeedsHistory => false;

    /// <inheritdoc/>
    public void Apply(Candidates candidates, TokenHistory history)
    {
        if (temperature == 0)
        {
            candidates.KeepLikeliest(1);
        }
        else
        {
            candidates.Temperature *= temperature;
        }
    }
}
