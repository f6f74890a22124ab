using System.Text.Json;
using Habla.Evaluation;
using Habla.Modeling;
using Habla.Tensors;
using Habla.Tensors.Ops;
using Habla.Tests.Golden;

namespace Habla.Tests.Modeling;

/// <summary>
/// GPT-2 and Llama in the layout of the files that people share (tests/golden/make_hugging_face.py), brought to Habla's names by hand:
/// the forward pass gives the logits that PyTorch gives.
/// </summary>
public sealed class HuggingFaceGoldenTests
{
    [Theory]
    [InlineData("hf_gpt2")]
    [InlineData("hf_llama")]
    [InlineData("hf_llama3")]
    public void The_logits_are_those_of_PyTorch(string name)
    {
        using JsonDocument document = GoldenTensor.Open(name + ".json");
        JsonElement root = document.RootElement, settings = root.GetProperty("config");
        IReadOnlyDictionary<string, GoldenTensor> theirs = GoldenTensor.ReadAll(root.GetProperty("weights"));
        bool isGpt2 = settings.GetProperty("model_type").GetString() == "gpt2";
        GptConfig config = isGpt2 ? Gpt2(settings) : Llama(settings);
        using var model = new Gpt(config);
        foreach (Parameter parameter in model.Parameters.Parameters)
        {
            (isGpt2 ? Gpt2Weight(theirs, parameter.Name) : theirs[LlamaName(parameter.Name)].Singles)
                .CopyTo(model.Parameters.Data(parameter));
        }

        GoldenTensor inputs = GoldenTensor.Read(root.GetProperty("inputs")), logits = GoldenTensor.Read(root.GetProperty("logits"));
        using var tape = new Tape(model.Parameters, TapeMode.Inference);
        float[] found = model.Forward(tape, inputs.Integers, inputs.Shape[0]).Data.ToArray();
        double[] exact = new ReferenceForward(config, parameter => model.Parameters.Data(model.Parameters[parameter]))
            .Logits(inputs.Integers, [], inputs.Shape[0]);
        Assert.Equal(logits.Values.Length, found.Length);
        for (int i = 0; i < found.Length; i++)
        {
            Assert.Equal(logits.Values[i], found[i], 2e-5);
            Assert.Equal(logits.Values[i], exact[i], 1e-10);
        }
    }

    private static GptConfig Gpt2(JsonElement settings) => GptConfig.Gpt2() with
    {
        LayerCount = Number(settings, "n_layer"), HeadCount = Number(settings, "n_head"), Width = Number(settings, "n_embd"),
        FeedForwardWidth = 4 * Number(settings, "n_embd"), VocabularySize = Number(settings, "vocab_size"),
        ContextLength = Number(settings, "n_positions"), NormEpsilon = settings.GetProperty("layer_norm_epsilon").GetDouble(),
    };

    private static GptConfig Llama(JsonElement settings)
    {
        JsonElement scaling = settings.GetProperty("rope_scaling");
        return GptConfig.Llama() with
        {
            LayerCount = Number(settings, "num_hidden_layers"), HeadCount = Number(settings, "num_attention_heads"),
            KeyValueHeadCount = Number(settings, "num_key_value_heads"), Width = Number(settings, "hidden_size"),
            FeedForwardWidth = Number(settings, "intermediate_size"), VocabularySize = Number(settings, "vocab_size"),
            ContextLength = Number(settings, "max_position_embeddings"), NormEpsilon = settings.GetProperty("rms_norm_eps").GetDouble(),
            RotaryBase = settings.GetProperty("rope_theta").GetDouble(),
            RotaryScaling = scaling.ValueKind == JsonValueKind.Null
                ? RotaryScaling.None
                : new RotaryScaling(
                    scaling.GetProperty("factor").GetDouble(), scaling.GetProperty("low_freq_factor").GetDouble(),
                    scaling.GetProperty("high_freq_factor").GetDouble(), Number(scaling, "original_max_position_embeddings")),
        };
    }

    private static int Number(JsonElement settings, string key) => settings.GetProperty(key).GetInt32();

    private static string LlamaName(string ours)
    {
        string[] parts = ours.Split('.');
        return parts[0] != "blocks"
            ? ours switch
            {
                "token_embedding.weight" => "model.embed_tokens.weight",
                "final_norm.weight" => "model.norm.weight",
                _ => "lm_head.weight",
            }
            : $"model.layers.{parts[1]}." + string.Join('.', parts[2..^1]) switch
            {
                "attention_norm" => "input_layernorm",
                "feed_forward_norm" => "post_attention_layernorm",
                "attention.output" => "self_attn.o_proj",
                ['a', 't', 't', 'e', 'n', 't', 'i', 'o', 'n', '.', char first, ..] => $"self_attn.{first}_proj",
                var feedForward => $"mlp.{feedForward["feed_forward.".Length..]}_proj",
            } + ".weight";
    }

    /// <summary>GPT-2's matrices are [in, out], with queries, keys and values side by side; ours are [out, in], each for itself.</summary>
    private static float[] Gpt2Weight(IReadOnlyDictionary<string, GoldenTensor> theirs, string ours)
    {
        string[] parts = ours.Split('.');
        string kind = parts[^1];
        if (parts[0] != "blocks")
        {
            string prefix = parts[0] switch { "token_embedding" => "wte", "position_embedding" => "wpe", _ => "ln_f" };
            return theirs[$"transformer.{prefix}.{kind}"].Singles;
        }

        string middle = string.Join('.', parts[2..^1]), block = $"transformer.h.{parts[1]}.";
        int joined = Array.IndexOf(["attention.query", "attention.key", "attention.value"], middle);
        string module = joined >= 0 ? "attn.c_attn" : middle switch
        {
            "attention_norm" => "ln_1",
            "feed_forward_norm" => "ln_2",
            "attention.output" => "attn.c_proj",
            "feed_forward.up" => "mlp.c_fc",
            _ => "mlp.c_proj",
        };
        GoldenTensor found = theirs[$"{block}{module}.{kind}"];
        int columns = found.Shape[^1], rows = found.Values.Length / columns;
        int first = joined < 0 ? 0 : joined * columns / 3, count = joined < 0 ? columns : columns / 3;
        return found.Shape.Length == 1
            ? found.Singles[first..(first + count)]
            : [.. Enumerable.Range(first, count).SelectMany(column =>
                Enumerable.Range(0, rows).Select(row => (float)found.Values[(row * columns) + column]))];
    }
}
