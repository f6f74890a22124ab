using Habla.Modeling;

namespace Habla.Interchange;

/// <summary>Finds the architecture that computes the same as a model, by what the model is made of and not by its family's name.</summary>
public static class ForeignFamilies
{
    /// <summary>The architecture of a model.</summary>
    /// <param name="config">The model's shape.</param>
    /// <exception cref="InvalidInputException">Other programs have none that computes the same; the message says what stands in the way.</exception>
    public static ForeignFamily Of(GptConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        string[] againstGpt2 = [.. AgainstGpt2(config)], againstLlama = [.. AgainstLlama(config)];
        return againstGpt2.Length == 0 ? ForeignFamily.Gpt2
            : againstLlama.Length == 0 ? ForeignFamily.Llama
            : throw new InvalidInputException(
                $"a model of the family {config.Family.ToString().ToLowerInvariant()} cannot be exported: no other program computes it. For a "
                + $"GPT-2, {List(againstGpt2)} would have to be otherwise; for a Llama, {List(againstLlama)}. Train with model.family: gpt2 "
                + "or llama");
    }

    private static string List(string[] reasons) => string.Join(", ", reasons);

    private static IEnumerable<string> AgainstGpt2(GptConfig config)
    {
        if (config.Position != PositionKind.Learned)
        {
            yield return "model.position rotary";
        }

        if (config.Norm != NormKind.Layernorm)
        {
            yield return "model.norm rmsnorm";
        }

        if (config.Activation == ActivationKind.Swiglu)
        {
            yield return "model.activation swiglu";
        }

        if (config.KeyValueHeads != config.HeadCount)
        {
            yield return $"model.n_kv_head {config.KeyValueHeads}";
        }
    }

    private static IEnumerable<string> AgainstLlama(GptConfig config)
    {
        if (config.Position != PositionKind.Rotary)
        {
            yield return "model.position learned";
        }

        if (config.Norm != NormKind.Rmsnorm)
        {
            yield return "model.norm layernorm";
        }

        if (config.Activation != ActivationKind.Swiglu)
        {
            yield return $"model.activation {(config.Activation == ActivationKind.Gelu ? "gelu" : "gelu_tanh")}";
        }
    }
}
