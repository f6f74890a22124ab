using Habla.Modeling;

namespace Habla.Generation;

/// <summary>What an <see cref="InferenceSession"/> refuses to read.</summary>
internal static class SessionChecks
{
    /// <summary>Refuses a prompt that a model cannot read.</summary>
    public static void Prompt(GptConfig config, ReadOnlySpan<int> prompt)
    {
        if (prompt.IsEmpty)
        {
            throw new InvalidInputException("the prompt is empty: give at least one token to continue");
        }

        if (prompt.Length > config.ContextLength)
        {
            throw new InvalidInputException(
                $"the prompt is {prompt.Length} tokens long, but the model reads {config.ContextLength} at most (model.max_seq_len): "
                + "shorten it");
        }

        Vocabulary(config, prompt, "the prompt");
    }

    /// <summary>Refuses more samples than their tokens and logits have room for in one array.</summary>
    public static void Samples(GptConfig config, int samples)
    {
        int most = Array.MaxLength / Math.Max(config.ContextLength, config.VocabularySize);
        if (samples > most)
        {
            throw new InvalidInputException($"n: {samples} texts side by side are too many for this model: ask for {most} at most");
        }
    }

    /// <summary>Refuses ids that a model has no token for.</summary>
    public static void Vocabulary(GptConfig config, ReadOnlySpan<int> ids, string what)
    {
        foreach (int id in ids)
        {
            if (id < 0 || id >= config.VocabularySize)
            {
                throw new InvalidInputException(
                    $"{what} has token {id}, but the model's vocabulary is 0 to {config.VocabularySize - 1}");
            }
        }
    }
}
