using Habla.Modeling;

namespace Habla.Interchange.HuggingFace;

/// <summary>The config.json of a GPT-2, both ways.</summary>
/// <remarks>github.com/huggingface/transformers, models/gpt2/configuration_gpt2.py: the defaults of fields that are missing.</remarks>
internal static class Gpt2Config
{
    public const string ModelType = "gpt2";

    // Fields of Habla's own, which other programs pass over: biases that the model does not have are zeros in the file.
    private const string AttentionBias = "habla_attention_bias", FeedForwardBias = "habla_ffn_bias";

    public static GptConfig Read(ConfigFields fields)
    {
        fields.RequireFlag("scale_attn_weights", expected: true);
        fields.RequireFlag("scale_attn_by_inverse_layer_idx", expected: false);
        fields.RequireFlag("add_cross_attention", expected: false);
        int width = fields.Integer("n_embd", 768);
        double[] dropouts = [.. ((string[])["resid_pdrop", "embd_pdrop", "attn_pdrop"]).Select(key => fields.Number(key, 0.1))];
        return GptConfig.Gpt2() with
        {
            VocabularySize = fields.Integer("vocab_size", 50257),
            ContextLength = fields.Integer("n_positions", fields.Integer("n_ctx", 1024)),
            Width = width,
            LayerCount = fields.Integer("n_layer", 12),
            HeadCount = fields.Integer("n_head", 12),
            FeedForwardWidth = fields.Integer("n_inner", 4 * width),
            Activation = Activation(fields),
            NormEpsilon = fields.Number("layer_norm_epsilon", 1e-5),
            InitializationStd = fields.Number("initializer_range", 0.02),
            Dropout = dropouts.Distinct().Count() == 1 ? dropouts[0] : 0, // matters to training alone, which has one of the three here
            TieEmbeddings = fields.Flag("tie_word_embeddings", true),
            AttentionBias = fields.Flag(AttentionBias, true),
            FeedForwardBias = fields.Flag(FeedForwardBias, true),
        };
    }

    public static void Write(Dictionary<string, object?> fields, GptConfig config)
    {
        fields["architectures"] = new[] { "GPT2LMHeadModel" };
        fields["model_type"] = ModelType;
        fields["vocab_size"] = config.VocabularySize;
        fields["n_positions"] = config.ContextLength;
        fields["n_ctx"] = config.ContextLength;
        fields["n_embd"] = config.Width;
        fields["n_layer"] = config.LayerCount;
        fields["n_head"] = config.HeadCount;
        fields["n_inner"] = config.FeedForwardWidth;
        fields["activation_function"] = config.Activation == ActivationKind.GeluTanh ? "gelu_new" : "gelu";
        fields["layer_norm_epsilon"] = config.NormEpsilon;
        fields["initializer_range"] = config.InitializationStd;
        fields["resid_pdrop"] = config.Dropout;
        fields["embd_pdrop"] = config.Dropout;
        fields["attn_pdrop"] = config.Dropout;
        fields["tie_word_embeddings"] = config.TieEmbeddings;
        if (!config.AttentionBias)
        {
            fields[AttentionBias] = false;
        }

        if (!config.FeedForwardBias)
        {
            fields[FeedForwardBias] = false;
        }
    }

    private static ActivationKind Activation(ConfigFields fields) => fields.Text("activation_function", "gelu_new") switch
    {
        "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" => ActivationKind.GeluTanh, // one formula, written three ways
        "gelu" => ActivationKind.Gelu,
        var other => throw fields.Bad("activation_function", $"is {other}; Habla computes GPT-2 with gelu_new or gelu"),
    };
}
