using Habla.Modeling;

namespace Habla.Interchange;

/// <summary>The architectures that other programs know a model by.</summary>
public enum ForeignFamily
{
    /// <summary>GPT-2: learned positions, LayerNorm, GELU, biases everywhere.</summary>
    Gpt2,
}

/// <summary>Finds the architecture that computes the same as a model, by what the model is made of and not by its family's name.</summary>
public static class ForeignFamilies
{
    /// <summary>The architecture of a model.</summary>
    /// <param name="config">The model's shape.</param>
    /// <exception cref="InvalidInputException">Other programs have none that computes the same; the message says what stands in the way.</exception>
    public static ForeignFamily Of(GptConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        string[] againstGpt2 = [.. AgainstGpt2(config)];
        return againstGpt2.Length == 0
            ? ForeignFamily.Gpt2
            : throw new InvalidInputException(
                $"a model of the family {config.Family.ToString().ToLowerInvariant()} cannot be exported: to other programs it is no GPT-2 ("
                + $"{string.Join(", ", againstGpt2)}). Train with model.family: gpt2.");
    }

    private static IEnumerable<string> AgainstGpt2(GptConfig config)
    {
        if (config.Position != PositionKind.Learned)
        {
            yield return "its positions are rotary, not learned";
        }
    }
}
