using System.Text.Json;
using Habla.Modeling;
using Habla.Tensors.Ops;

namespace Habla.Interchange.HuggingFace;

/// <summary>The config.json of a Llama, both ways.</summary>
/// <remarks>github.com/huggingface/transformers, models/llama/configuration_llama.py: the defaults of fields that are missing.</remarks>
internal static class LlamaConfig
{
    public const string ModelType = "llama";

    private const string Scaling = "rope_scaling", Parameters = "rope_parameters", Theta = "rope_theta", TurnedPart = "partial_rotary_factor";

    public static GptConfig Read(ConfigFields fields)
    {
        int width = fields.Integer("hidden_size", 4096), heads = fields.Integer("num_attention_heads", 32);
        int keyValueHeads = fields.Integer("num_key_value_heads", heads);
        if (fields["head_dim"] is not null && fields.Integer("head_dim") is var headSize && headSize * heads != width)
        {
            throw fields.Bad("head_dim", $"is {headSize}, but Habla's heads have hidden_size / num_attention_heads numbers, "
                + $"{width} / {heads}; such a model cannot be imported");
        }

        if (fields.Text("hidden_act", "silu") is not "silu" and var activation)
        {
            throw fields.Bad("hidden_act", $"is {activation}; Habla computes Llama with silu");
        }

        if (fields["sliding_window"] is not null)
        {
            throw fields.Bad("sliding_window", "is set, but attention in Habla sees the whole context; such a model cannot be imported");
        }

        foreach (ConfigFields place in (ReadOnlySpan<ConfigFields>)[fields, Rotary(fields, Parameters) ?? fields])
        {
            if (place.Number(TurnedPart, 1) is not 1 and var part)
            {
                throw place.Bad(TurnedPart, $"is {part}, but rotary positions in Habla turn whole heads; such a model cannot be imported");
            }
        }

        return GptConfig.Llama() with
        {
            VocabularySize = fields.Integer("vocab_size", 32000),
            ContextLength = fields.Integer("max_position_embeddings", 2048),
            Width = width,
            LayerCount = fields.Integer("num_hidden_layers", 32),
            HeadCount = heads,
            KeyValueHeadCount = keyValueHeads == heads ? null : keyValueHeads,
            FeedForwardWidth = fields.Integer("intermediate_size", 11008),
            NormEpsilon = fields.Number("rms_norm_eps", 1e-6),
            InitializationStd = fields.Number("initializer_range", 0.02),
            RotaryBase = Rotary(fields, Parameters)?[Theta] is null
                ? fields.Number(Theta, 10000)
                : Rotary(fields, Parameters)!.Value.Number(Theta, 10000),
            RotaryScaling = ReadScaling(fields),
            Dropout = fields.Number("attention_dropout", 0), // matters to training alone
            TieEmbeddings = fields.Flag("tie_word_embeddings", false),
            AttentionBias = fields.Flag("attention_bias", false),
            FeedForwardBias = fields.Flag("mlp_bias", false),
        };
    }

    public static void Write(Dictionary<string, object?> fields, GptConfig config)
    {
        fields["architectures"] = new[] { "LlamaForCausalLM" };
        fields["model_type"] = ModelType;
        fields["vocab_size"] = config.VocabularySize;
        fields["max_position_embeddings"] = config.ContextLength;
        fields["hidden_size"] = config.Width;
        fields["intermediate_size"] = config.FeedForwardWidth;
        fields["num_hidden_layers"] = config.LayerCount;
        fields["num_attention_heads"] = config.HeadCount;
        fields["num_key_value_heads"] = config.KeyValueHeads;
        fields["head_dim"] = config.HeadSize;
        fields["hidden_act"] = "silu";
        fields["rms_norm_eps"] = config.NormEpsilon;
        fields["initializer_range"] = config.InitializationStd;
        fields[Theta] = config.RotaryBase;
        fields[Scaling] = config.RotaryScaling == RotaryScaling.None ? null : new Dictionary<string, object>
        {
            ["rope_type"] = "llama3",
            ["factor"] = config.RotaryScaling.Factor,
            ["low_freq_factor"] = config.RotaryScaling.LowFrequencyFactor,
            ["high_freq_factor"] = config.RotaryScaling.HighFrequencyFactor,
            ["original_max_position_embeddings"] = config.RotaryScaling.OriginalContext,
        };
        fields["attention_bias"] = config.AttentionBias;
        fields["mlp_bias"] = config.FeedForwardBias;
        fields["attention_dropout"] = config.Dropout;
        fields["tie_word_embeddings"] = config.TieEmbeddings;
    }

    private static RotaryScaling ReadScaling(ConfigFields fields)
    {
        string key = fields[Scaling] is null ? Parameters : Scaling;
        if (Rotary(fields, key) is not { } scaling)
        {
            return RotaryScaling.None;
        }

        return scaling.Text("rope_type", scaling.Text("type", "default")) switch
        {
            "default" => RotaryScaling.None,
            "llama3" => new RotaryScaling(
                scaling.Number("factor", 8), scaling.Number("low_freq_factor", 1), scaling.Number("high_freq_factor", 4),
                scaling.Integer("original_max_position_embeddings", 8192)),
            var other => throw fields.Bad(key, $"is of type {other}; Habla computes none and llama3"),
        };
    }

    /// <summary>An object of settings of rotary positions; newer files keep all of them in one.</summary>
    private static ConfigFields? Rotary(ConfigFields fields, string key) => fields[key] switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } json => new ConfigFields($"{fields.Path}: {key}", json),
        { } other => throw fields.Bad(key, $"is {other.GetRawText()}; it has to be an object"),
    };
}
