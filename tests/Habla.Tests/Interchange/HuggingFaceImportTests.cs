using System.Text.Json;
using System.Text.Json.Nodes;
using Habla.Interchange;
using Habla.Interchange.HuggingFace;
using Habla.Modeling;
using Habla.Storage;
using Habla.Tensors;
using Habla.Tests.Golden;

namespace Habla.Tests.Interchange;

/// <summary>Folders of Hugging Face become models whose logits are those of PyTorch (tests/golden/make_hugging_face*.py).</summary>
public sealed class HuggingFaceImportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("hf_gpt2")]
    [InlineData("hf_llama")]
    [InlineData("hf_llama3")]
    public void Float32_in_one_file(string name)
    {
        ForeignModels.WriteGolden(name, _folder.In("model"));
        ModelSource source = AssertGolden(_folder.In("model"), GoldenTensor.Open(name + ".json"));
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"], source.Files.Select(file => file.Name));
        Assert.Equal(["F32"], source.Dtypes);
    }

    [Theory]
    [InlineData("hf_gpt2_f16", "gpt2", "F16,U8")]
    [InlineData("hf_llama_bf16", "llama", "BF16")]
    public void Sixteen_bits_as_other_programs_write_them(string name, string architecture, string dtypes)
    {
        string golden = Path.Combine(Repository.Root, "tests", "golden", name), folder = _folder.In("model");
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(golden))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        ForeignModels.Characters(architecture == "gpt2" ? 11 : 12).Save(Path.Combine(folder, "tokenizer.json"));
        ModelSource source = AssertGolden(folder, GoldenTensor.Open(Path.Combine(name, "expected.json")));
        Assert.Equal(architecture, source.Architecture);
        Assert.Equal(dtypes.Split(','), source.Dtypes);
        if (architecture == "llama")
        {
            Assert.Equal(
                [
                    "config.json", "model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
                    "tokenizer.json",
                ],
                source.Files.Select(file => file.Name));
        }
    }

    [Fact]
    public void A_tied_head_that_is_written_all_the_same_is_checked()
    {
        string folder = _folder.In("model");
        ForeignModels.WriteGolden("hf_gpt2", folder);
        using JsonDocument golden = GoldenTensor.Open("hf_gpt2.json");
        GoldenTensor embedding = GoldenTensor.ReadAll(golden.RootElement.GetProperty("weights"))["transformer.wte.weight"];
        ForeignModels.SetWeights(folder, ("lm_head.weight", embedding.Shape, embedding.Singles));
        HuggingFaceImport.Read(folder).Model.Model.Dispose();

        float[] other = embedding.Singles;
        other[5] += 1;
        ForeignModels.SetWeights(folder, ("lm_head.weight", embedding.Shape, other));
        var error = Assert.Throws<InvalidInputException>(() => HuggingFaceImport.Read(folder));
        Assert.Contains("tie_word_embeddings", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("500000", "{}", 500_000)]
    [InlineData("500000", null, 500_000)]
    [InlineData("500000", """{"rope_theta": 700}""", 700)]
    [InlineData(null, """{"rope_theta": 700, "rope_type": "default", "partial_rotary_factor": 1.0}""", 700)]
    [InlineData(null, null, 10_000)]
    public void The_base_of_rotary_positions_is_read_from_either_place(string? theta, string? parameters, double expected)
    {
        string folder = _folder.In("model");
        ForeignModels.WriteGolden("hf_llama", folder);
        ForeignModels.Set(folder, "rope_theta", JsonNode.Parse(theta ?? "null"));
        ForeignModels.Set(folder, "rope_parameters", JsonNode.Parse(parameters ?? "null"));
        using Gpt model = HuggingFaceImport.Read(folder).Model.Model;
        Assert.Equal(expected, model.Config.RotaryBase);
    }

    [Theory]
    [InlineData("""{"add_bos_token": false}""", false)]
    [InlineData("""{"add_bos_token": true}""", true)]
    [InlineData("{}", true)]
    [InlineData(null, true)]
    public void Texts_begin_as_the_tokenizers_settings_say(string? settings, bool expected)
    {
        string folder = _folder.In("model");
        using Gpt model = ForeignModels.Drawn(ForeignModels.SmallLlama).Model;
        HuggingFaceExport.Write(folder, new PortableModel(model, ForeignModels.Characters(13, specialTokens: true), BeginsText: true));
        File.Delete(Path.Combine(folder, "tokenizer_config.json"));
        if (settings is not null)
        {
            File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), settings);
        }

        PortableModel read = HuggingFaceImport.Read(folder).Model;
        Assert.Equal(expected, read.BeginsText);
        read.Model.Dispose();
    }

    private static ModelSource AssertGolden(string folder, JsonDocument golden)
    {
        using JsonDocument document = golden;
        JsonElement root = document.RootElement;
        (PortableModel portable, ModelSource source) = HuggingFaceImport.Read(folder);
        using Gpt model = portable.Model;
        GoldenTensor inputs = GoldenTensor.Read(root.GetProperty("inputs")), logits = GoldenTensor.Read(root.GetProperty("logits"));
        using var tape = new Tape(model.Parameters, TapeMode.Inference);
        float[] found = model.Forward(tape, inputs.Integers, inputs.Shape[0]).Data.ToArray();
        Assert.Equal(logits.Values.Length, found.Length);
        for (int i = 0; i < found.Length; i++)
        {
            Assert.Equal(logits.Values[i], found[i], 2e-5);
        }

        Assert.All(source.Files, file =>
        {
            Assert.Equal(new FileInfo(Path.Combine(folder, file.Name)).Length, file.Bytes);
            Assert.Equal(ContentHash.OfFile(Path.Combine(folder, file.Name)), file.Sha256);
        });
        return source;
    }
}
