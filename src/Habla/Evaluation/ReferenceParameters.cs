using Habla.Modeling;

namespace Habla.Evaluation;

/// <summary>What numbers <see cref="ReferenceForward"/> computes with, written down once more than the model itself does.</summary>
public static class ReferenceParameters
{
    /// <summary>The parameters that a model of this shape has, in the order in which the data meets them.</summary>
    /// <param name="config">The model's shape.</param>
    public static IEnumerable<(string Name, int[] Shape)> ShapesOf(GptConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        int C = config.Width, F = config.FeedForwardWidth, V = config.VocabularySize, K = config.KeyValueHeads * config.HeadSize;
        bool normBias = config.Norm == NormKind.Layernorm;
        yield return ("token_embedding.weight", [V, C]);
        if (config.Position == PositionKind.Learned)
        {
            yield return ("position_embedding.weight", [config.ContextLength, C]);
        }

        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            string block = $"blocks.{layer}.";
            yield return (block + "attention_norm.weight", [C]);
            if (normBias)
            {
                yield return (block + "attention_norm.bias", [C]);
            }

            foreach ((string projection, int rows) in ((string, int)[])[("query", C), ("key", K), ("value", K), ("output", C)])
            {
                yield return ($"{block}attention.{projection}.weight", [rows, C]);
                if (config.AttentionBias)
                {
                    yield return ($"{block}attention.{projection}.bias", [rows]);
                }
            }

            yield return (block + "feed_forward_norm.weight", [C]);
            if (normBias)
            {
                yield return (block + "feed_forward_norm.bias", [C]);
            }

            foreach (string widening in config.Activation == ActivationKind.Swiglu ? (string[])["gate", "up"] : ["up"])
            {
                yield return ($"{block}feed_forward.{widening}.weight", [F, C]);
                if (config.FeedForwardBias)
                {
                    yield return ($"{block}feed_forward.{widening}.bias", [F]);
                }
            }

            yield return (block + "feed_forward.down.weight", [C, F]);
            if (config.FeedForwardBias)
            {
                yield return (block + "feed_forward.down.bias", [C]);
            }
        }

        yield return ("final_norm.weight", [C]);
        if (normBias)
        {
            yield return ("final_norm.bias", [C]);
        }

        if (!config.TieEmbeddings)
        {
            yield return ("head.weight", [V, C]);
        }
    }

    /// <summary>Float32 weights as float64 numbers.</summary>
    internal static Dictionary<string, double[]> Widen(GptConfig config, Func<string, ReadOnlySpan<float>> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var widened = new Dictionary<string, double[]>();
        foreach ((string name, _) in ShapesOf(config))
        {
            ReadOnlySpan<float> values = weights(name);
            double[] copy = new double[values.Length];
            for (int i = 0; i < copy.Length; i++)
            {
                copy[i] = values[i];
            }

            widened.Add(name, copy);
        }

        return widened;
    }
}
