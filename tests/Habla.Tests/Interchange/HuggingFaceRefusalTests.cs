using System.Text.Json.Nodes;
using Habla.Interchange.HuggingFace;

namespace Habla.Tests.Interchange;

/// <summary>What cannot be imported is refused with one message that names the file and the field or the tensor.</summary>
public sealed class HuggingFaceRefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Model => _folder.In("model");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("hf_llama", "model_type", "\"mistral\"", "model_type is 'mistral'")]
    [InlineData("hf_llama", "model_type", "7", "model_type is 7; it has to be a text")]
    [InlineData("hf_llama", "head_dim", "8", "head_dim is 8")]
    [InlineData("hf_llama", "hidden_act", "\"gelu\"", "hidden_act is gelu")]
    [InlineData("hf_llama", "sliding_window", "4096", "sliding_window is set")]
    [InlineData("hf_llama", "rope_scaling", """{"rope_type":"yarn","factor":4}""", "rope_scaling is of type yarn")]
    [InlineData("hf_llama", "rope_scaling", """{"type":"linear","factor":4}""", "rope_scaling is of type linear")]
    [InlineData("hf_llama", "partial_rotary_factor", "0.5", "partial_rotary_factor is 0.5")]
    [InlineData("hf_llama", "rope_parameters", """{"partial_rotary_factor":0.25}""", "partial_rotary_factor is 0.25")]
    [InlineData("hf_llama", "quantization_config", """{"bits":4}""", "quantization_config is set")]
    [InlineData("hf_llama", "num_key_value_heads", "3", "model.n_kv_head")]
    [InlineData("hf_llama", "hidden_size", "\"big\"", "hidden_size is \"big\"; it has to be a whole number")]
    [InlineData("hf_llama", "vocab_size", "13", "vocab_size is 13, but the tokenizer beside it has 12 tokens")]
    [InlineData("hf_llama", "tie_word_embeddings", "true", "tie_word_embeddings")]
    [InlineData("hf_gpt2", "activation_function", "\"relu\"", "activation_function is relu")]
    [InlineData("hf_gpt2", "scale_attn_by_inverse_layer_idx", "true", "scale_attn_by_inverse_layer_idx is true")]
    [InlineData("hf_gpt2", "scale_attn_weights", "false", "scale_attn_weights is false")]
    [InlineData("hf_gpt2", "n_embd", "12", "transformer.wte.weight: shape [11, 12] expected, file has [11, 16]")]
    [InlineData("hf_gpt2", "n_layer", "3", "transformer.h.2.ln_1.weight: expected, but the file has none of that name")]
    [InlineData("hf_gpt2", "n_layer", "1", "transformer.h.1.")]
    [InlineData("hf_gpt2", "tie_word_embeddings", "false", "lm_head.weight: expected")]
    public void A_field_that_asks_for_something_else(string golden, string key, string value, string message)
    {
        ForeignModels.WriteGolden(golden, Model);
        ForeignModels.Set(Model, key, JsonNode.Parse(value));
        Refuses(message);
    }

    [Fact]
    public void Tensors_that_are_missing_too_many_or_of_another_shape()
    {
        ForeignModels.WriteGolden("hf_llama", Model);
        ForeignModels.SetWeights(Model, ("model.norm.weight", [], null));
        Refuses("tensor model.norm.weight: expected, but the file has none of that name");

        ForeignModels.SetWeights(Model, ("model.norm.weight", [4, 4], new float[16]));
        Refuses("tensor model.norm.weight: shape [16] expected, file has [4, 4]");

        ForeignModels.SetWeights(Model, ("model.norm.weight", [16], new float[16]), ("model.norm.\u001b[31mbias", [16], new float[16]));
        Refuses("tensor model.norm.?[31mbias: not expected");
    }

    [Fact]
    public void A_tokenizer_of_sentencepiece()
    {
        ForeignModels.WriteGolden("hf_llama", Model);
        string file = Path.Combine(Model, "tokenizer.json");
        JsonObject tokenizer = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        tokenizer["normalizer"] = JsonNode.Parse("""{"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "\u2581"}]}""");
        tokenizer["model"]!["byte_fallback"] = true;
        File.WriteAllText(file, tokenizer.ToJsonString());
        Refuses("tokenizer.json", "'byte_fallback', as tokenizers of SentencePiece do");
    }

    [Fact]
    public void A_file_that_was_cut_short()
    {
        ForeignModels.WriteGolden("hf_gpt2", Model);
        string weights = Path.Combine(Model, "model.safetensors");
        File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..^100]);
        Refuses("model.safetensors", "cut short");
    }

    [Fact]
    public void Files_that_are_not_there()
    {
        Refuses("has no config.json");
        ForeignModels.WriteGolden("hf_gpt2", Model);
        File.Delete(Path.Combine(Model, "tokenizer.json"));
        Refuses("has no tokenizer");
        File.WriteAllText(Path.Combine(Model, "tokenizer.model"), "");
        Refuses("SentencePiece");
        ForeignModels.WriteGolden("hf_gpt2", Model);
        File.Move(Path.Combine(Model, "model.safetensors"), Path.Combine(Model, "pytorch_model.bin"));
        Refuses("neither model.safetensors nor model.safetensors.index.json");
        File.WriteAllText(Path.Combine(Model, "config.json"), "{\"model_type\": ");
        Refuses("config.json: cannot be read as JSON");
        File.WriteAllText(Path.Combine(Model, "config.json"), "[]");
        Refuses("config.json: cannot be read as JSON (it is no object)");
    }

    [Theory]
    [InlineData("""{}""", "weight_map is missing")]
    [InlineData("""{"weight_map": {}}""", "weight_map is empty")]
    [InlineData("""{"weight_map": {"a": 1}}""", "which is no name of a file")]
    [InlineData("""{"weight_map": {"a": "../other/part.safetensors"}}""", "which is no name of a file")]
    [InlineData("""{"weight_map": {"a": ".."}}""", "which is no name of a file")]
    [InlineData("""{"weight_map": {"a": "gone.safetensors"}}""", "gone.safetensors: cannot be opened")]
    [InlineData("""{"weight_map": {"a": "part.safetensors"}}""", "part.safetensors: tensor a: expected")]
    [InlineData("""{"weight_map": {"transformer.wte.weight": "part.safetensors"}}""", "tensor transformer.wpe.weight: expected")]
    public void An_index_that_leads_nowhere(string index, string message)
    {
        ForeignModels.WriteGolden("hf_gpt2", Model);
        File.Move(Path.Combine(Model, "model.safetensors"), Path.Combine(Model, "part.safetensors"));
        File.WriteAllText(Path.Combine(Model, "model.safetensors.index.json"), index);
        Refuses(message);
    }

    private void Refuses(params string[] named)
    {
        Directory.CreateDirectory(Model);
        var error = Assert.ThrowsAny<InvalidInputException>(() => HuggingFaceImport.Read(Model));
        Assert.All(named, text => Assert.Contains(text, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', error.Message);
    }
}
