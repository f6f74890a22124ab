namespace Habla.Generation;

/// <summary>
/// How the next token is chosen. The order is always: logit bias, repetition penalty, frequency and presence penalty, temperature,
/// top-k, top-p, min-p, then a draw. Each step sees what the one before it left.
/// </summary>
public sealed record SamplingOptions
{
    /// <summary>
    /// Added to the logits of some tokens, by id: −∞ forbids one, +100 all but commands it. Default empty; no NaN, no +∞.
    /// </summary>
    public IReadOnlyDictionary<int, double> LogitBias { get; init; } = new Dictionary<int, double>();

    /// <summary>
    /// Makes tokens of the prompt and of what was said less likely: a logit above 0 is divided by it, one below 0 multiplied.
    /// Default 1 (nothing happens); from 0.01 to 100, below 1 they become likelier.
    /// </summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>
    /// Subtracted from a token's logit for each time it was said after the prompt. Default 0; from −100 to 100, below 0 adds.
    /// </summary>
    public double FrequencyPenalty { get; init; }

    /// <summary>
    /// Subtracted once from the logit of each token that was said after the prompt. Default 0; from −100 to 100, below 0 adds.
    /// </summary>
    public double PresencePenalty { get; init; }

    /// <summary>
    /// Divides the logits: below 1 the likely become likelier; 0 always takes the likeliest after bias and penalties, and of equals the one
    /// with the lowest id (greedy). Default 1; at least 0.
    /// </summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Keeps the k likeliest tokens, of equals those with lower ids; 0 keeps all. Default 0; at least 0.</summary>
    public int TopK { get; init; }

    /// <summary>Keeps the fewest likeliest tokens whose probabilities reach this sum. Default 1 (all); above 0, at most 1.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>
    /// Keeps the tokens that are at least this share as likely as the likeliest. Default 0 (all); at least 0, at most 1.
    /// </summary>
    public double MinP { get; init; }

    /// <summary>The seed of the draws: the same seed gives the same tokens. Default 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>Whether the likeliest token is always taken, so that nothing is drawn.</summary>
    public bool IsGreedy => Temperature == 0;

    /// <summary>Checks every value.</summary>
    /// <exception cref="InvalidInputException">A value is impossible.</exception>
    public void Validate()
    {
        Require(Temperature >= 0 && double.IsFinite(Temperature), $"temperature: {Temperature} must be at least 0 (0 is greedy)");
        Require(TopK >= 0, $"top-k: {TopK} must be at least 0 (0 keeps all tokens)");
        Require(TopP is > 0 and <= 1, $"top-p: {TopP} must be above 0 and at most 1 (1 keeps all tokens)");
        Require(MinP is >= 0 and <= 1, $"min-p: {MinP} must be at least 0 and at most 1 (0 keeps all tokens)");
        Require(
            RepetitionPenalty is >= 0.01 and <= 100, $"repetition-penalty: {RepetitionPenalty} must be from 0.01 to 100 (1 is without)");
        Require(FrequencyPenalty is >= -100 and <= 100, $"frequency-penalty: {FrequencyPenalty} must be from -100 to 100 (0 is without)");
        Require(PresencePenalty is >= -100 and <= 100, $"presence-penalty: {PresencePenalty} must be from -100 to 100 (0 is without)");
        foreach ((int id, double bias) in LogitBias)
        {
            Require(id >= 0, $"logit-bias: token {id} is below 0");
            Require(bias < double.PositiveInfinity, $"logit-bias: {bias} for token {id} must be a number (-Infinity forbids the token)");
        }
    }

    /// <summary>Checks every value, and that a vocabulary has the tokens named.</summary>
    /// <param name="vocabularySize">How many tokens the model knows.</param>
    /// <exception cref="InvalidInputException">A value is impossible.</exception>
    public void Validate(int vocabularySize)
    {
        Validate();
        foreach (int id in LogitBias.Keys.Order())
        {
            Require(id < vocabularySize, $"logit-bias: token {id} is not in the model's vocabulary, which is 0 to {vocabularySize - 1}");
        }
    }

    private static void Require(bool holds, FormattableString problem)
    {
        if (!holds)
        {
            throw new InvalidInputException(FormattableString.Invariant(problem));
        }
    }
}
