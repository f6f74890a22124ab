namespace Habla.Generation;

/// <summary>How the next token is chosen. The order is: temperature, top-k, top-p, then a draw.</summary>
public sealed record SamplingOptions
{
    /// <summary>
    /// Divides the logits: below 1 the likely become likelier; 0 always takes the likeliest (greedy). Default 1; at least 0.
    /// </summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Keeps the k likeliest tokens; 0 keeps all. Default 0; at least 0.</summary>
    public int TopK { get; init; }

    /// <summary>Keeps the fewest likeliest tokens whose probabilities reach this sum. Default 1 (all); above 0, at most 1.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>The seed of the draws: the same seed gives the same tokens. Default 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>Checks every value.</summary>
    /// <exception cref="InvalidInputException">A value is impossible.</exception>
    public void Validate()
    {
        if (!(Temperature >= 0 && double.IsFinite(Temperature)))
        {
            throw new InvalidInputException(FormattableString.Invariant($"temperature: {Temperature} must be at least 0 (0 is greedy)"));
        }

        if (TopK < 0)
        {
            throw new InvalidInputException($"top-k: {TopK} must be at least 0 (0 keeps all tokens)");
        }

        if (!(TopP is > 0 and <= 1))
        {
            throw new InvalidInputException(FormattableString.Invariant($"top-p: {TopP} must be above 0 and at most 1"));
        }
    }
}
