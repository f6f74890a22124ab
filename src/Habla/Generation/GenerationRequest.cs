using Habla.Modeling;

namespace Habla.Generation;

/// <summary>What a model is asked to say.</summary>
public sealed record GenerationRequest
{
    /// <summary>The token ids to continue: at least one, at most the model's context.</summary>
    public required IReadOnlyList<int> Prompt { get; init; }

    /// <summary>How tokens are chosen. Default: drawn with the model's own probabilities.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>How many tokens to say at most. Default 100; at least 0.</summary>
    public int MaximumTokens { get; init; } = 100;

    /// <summary>How many texts to make side by side. Default 1; at least 1.</summary>
    public int SampleCount { get; init; } = 1;

    /// <summary>The number of the first text, by which its random numbers go. Default 0.</summary>
    public uint FirstSample { get; init; }

    /// <summary>Tokens that end a text; they are not part of it. Default none.</summary>
    public IReadOnlySet<int> StopIds { get; init; } = new HashSet<int>();

    /// <summary>
    /// Strings that end a text; they are not part of it. The first to come true counts, and of several that do with the same byte the
    /// longest. Default none; none may be empty.
    /// </summary>
    public IReadOnlyList<string> StopTexts { get; init; } = [];

    /// <summary>What bytes a token stands for. Default null: then there is no text, only ids, and no stop strings.</summary>
    public TokenBytes? Decode { get; init; }

    /// <summary>Whether each token's log-probability is worked out. Default false.</summary>
    public bool WithLogProbabilities { get; init; }

    /// <summary>Checks every value.</summary>
    /// <param name="config">The model.</param>
    /// <exception cref="InvalidInputException">
    /// The prompt is empty, too long or has a token outside the vocabulary; so has a stop token or a logit bias; a stop string is empty or
    /// there is no way to decode; another value is impossible.
    /// </exception>
    public void Validate(GptConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        SessionChecks.Prompt(config, [.. Prompt]);
        Sampling.Validate(config.VocabularySize);
        ArgumentOutOfRangeException.ThrowIfNegative(MaximumTokens);
        ArgumentOutOfRangeException.ThrowIfLessThan(SampleCount, 1);
        SessionChecks.Samples(config, SampleCount);
        foreach (int id in StopIds.Order())
        {
            if (id < 0 || id >= config.VocabularySize)
            {
                throw new InvalidInputException(
                    $"stop-token: token {id} is not in the model's vocabulary, which is 0 to {config.VocabularySize - 1}");
            }
        }

        if (StopTexts.Any(string.IsNullOrEmpty))
        {
            throw new InvalidInputException("stop: a stop string is empty; give at least one character");
        }

        if (StopTexts.Count > 0 && Decode is null)
        {
            throw new InvalidInputException("stop: stop strings need Decode, which says what text a token stands for");
        }
    }
}
