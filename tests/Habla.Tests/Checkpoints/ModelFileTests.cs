using System.Text;
using System.Text.Json;
using Habla.Checkpoints;
using Habla.Modeling;
using Habla.Storage;
using Habla.Tensors;
using Habla.Tensors.Ops;
using Habla.Tests.Training;

namespace Habla.Tests.Checkpoints;

public sealed class ModelFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Weights => _folder.In("weights.safetensors");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ModelFamily.Minigpt, true)]
    [InlineData(ModelFamily.Minigpt, false)]
    [InlineData(ModelFamily.Gpt2, true)]
    [InlineData(ModelFamily.Gpt2, false)]
    [InlineData(ModelFamily.Llama, true)]
    [InlineData(ModelFamily.Llama, false)]
    public void A_model_comes_back_with_its_configuration_and_the_bits_of_its_logits(ModelFamily family, bool tied)
    {
        using Gpt model = TrainingSamples.Model(TrainingSamples.Config(family, dropout: 0.1) with { TieEmbeddings = tied });
        ModelFile.Save(Weights, model);
        using Gpt back = ModelFile.Load(Weights);
        Assert.Equal(model.Config, back.Config);
        Assert.Equal(TrainingSamples.Bits(Logits(model)), TrainingSamples.Bits(Logits(back)));
        Assert.Equal(TrainingSamples.Bits(TrainingSamples.Weights(model)), TrainingSamples.Bits(TrainingSamples.Weights(back)));
    }

    [Fact]
    public void What_came_with_llama_is_written_only_where_it_is_not_as_before()
    {
        using Gpt before = TrainingSamples.Model();
        ModelFile.Save(Weights, before);
        string[] names = [.. ConfigIn(Weights).EnumerateObject().Select(property => property.Name)];
        Assert.Equal(
        [
            "family", "layer_count", "head_count", "width", "feed_forward_width", "vocabulary_size", "context_length", "dropout",
            "tie_embeddings", "position", "activation", "attention_bias", "feed_forward_bias", "initialization_std", "head_size",
            "parameter_count",
        ],
            names);

        using Gpt after = TrainingSamples.Model(TrainingSamples.Config(ModelFamily.Llama) with
        {
            RotaryBase = 500_000, NormEpsilon = 1e-6, RotaryScaling = new RotaryScaling(8, OriginalContext: 4096),
        });
        ModelFile.Save(Weights, after);
        JsonElement config = ConfigIn(Weights);
        Assert.Equal("llama", config.GetProperty("family").GetString());
        Assert.Equal(1, config.GetProperty("key_value_head_count").GetInt32());
        Assert.Equal("rmsnorm", config.GetProperty("norm").GetString());
        Assert.Equal("swiglu", config.GetProperty("activation").GetString());
        Assert.Equal(500_000, config.GetProperty("rope_theta").GetDouble());
        Assert.Equal(1e-6, config.GetProperty("norm_eps").GetDouble());
        Assert.Equal(8, config.GetProperty("rope_scaling").GetProperty("factor").GetDouble());
        using Gpt back = ModelFile.Load(Weights);
        Assert.Equal(after.Config, back.Config);
    }

    [Fact]
    public void Equal_weights_give_equal_bytes()
    {
        using Gpt model = TrainingSamples.Model(), same = TrainingSamples.Model();
        ModelFile.Save(Weights, model);
        ModelFile.Save(_folder.In("again"), same);
        Assert.Equal(File.ReadAllBytes(Weights), File.ReadAllBytes(_folder.In("again")));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(-0f)]
    [InlineData(1e-45f)]
    public void Every_number_survives(float value)
    {
        using Gpt model = TrainingSamples.Model();
        model.Parameters.Data(model.Parameters["final_norm.bias"])[3] = value;
        ModelFile.Save(Weights, model);
        using Gpt back = ModelFile.Load(Weights);
        Assert.Equal(TrainingSamples.Bits(TrainingSamples.Weights(model)), TrainingSamples.Bits(TrainingSamples.Weights(back)));
    }

    [Fact]
    public void A_tied_head_is_an_alias_in_the_metadata_and_no_tensor()
    {
        using Gpt model = TrainingSamples.Model();
        ModelFile.Save(Weights, model);
        using SafetensorsFile file = SafetensorsFile.Open(Weights);
        Assert.Equal(ParameterNames.TokenEmbedding, file.Metadata[ParameterNames.Head]);
        Assert.False(file.Contains(ParameterNames.Head));
    }

    [Fact]
    public void A_model_of_other_sizes_is_refused_by_tensor_and_both_shapes()
    {
        using Gpt model = TrainingSamples.Model(), wider = new(TrainingSamples.Config() with { FeedForwardWidth = 48 });
        ModelFile.Save(Weights, model);
        Assert.Equal(
            $"{Weights}: tensor blocks.0.feed_forward.up.weight: shape [48, 16] expected, file has [40, 16]. "
            + "The file belongs to a model of other sizes; use its own configuration, or another file.",
            Assert.Throws<SafetensorsException>(() => ModelFile.LoadInto(Weights, wider)).Message);
    }

    [Fact]
    public void A_missing_tensor_is_named()
    {
        using Gpt model = TrainingSamples.Model(), deeper = new(TrainingSamples.Config() with { LayerCount = 3 });
        ModelFile.Save(Weights, model);
        string message = Assert.Throws<SafetensorsException>(() => ModelFile.LoadInto(Weights, deeper)).Message;
        Assert.StartsWith(
            $"{Weights}: tensor blocks.2.attention_norm.weight: expected, but the file has none of that name. "
                + "It has token_embedding.weight, ",
            message,
            StringComparison.Ordinal);
        Assert.EndsWith(" more. Use the file that belongs to this model.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_tensor_is_named_by_who_opens_the_file_for_its_model()
    {
        using Gpt model = TrainingSamples.Model(), deeper = new(TrainingSamples.Config() with { LayerCount = 3 });
        string config = JsonSerializer.Serialize(deeper.Config, JsonFormat.Line);
        SafetensorsWriter.Write(
            Weights, ModelFile.Entries(model), new Dictionary<string, string> { ["format"] = ModelFile.Format, ["config"] = config });
        Assert.StartsWith(
            $"{Weights}: tensor blocks.2.attention_norm.weight: expected, but the file has none of that name. ",
            Assert.Throws<SafetensorsException>(() => ModelFile.Load(Weights)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_too_many_is_named()
    {
        using Gpt model = TrainingSamples.Model(), flatter = new(TrainingSamples.Config() with { LayerCount = 1 });
        ModelFile.Save(Weights, model);
        Assert.Equal(
            $"{Weights}: tensor blocks.1.attention_norm.weight: not expected. "
            + "This model has none of that name; use the file that belongs to it.",
            Assert.Throws<SafetensorsException>(() => ModelFile.LoadInto(Weights, flatter)).Message);
    }

    [Fact]
    public void A_sound_file_of_something_else_is_no_model()
    {
        SafetensorsWriter.Write(Weights, [SafetensorsEntry.Of("x", [1], new float[] { 1 })]);
        Assert.Equal(
            $"{Weights}: the metadata names format 'none', but 'habla.gpt/1' was expected. Use the weights.safetensors of a Habla run, "
                + "or bring another program's model in with habla import.",
            Assert.Throws<SafetensorsException>(() => ModelFile.Load(Weights)).Message);
    }

    [Fact]
    public void Another_version_of_the_layout_is_refused_by_its_name()
    {
        Write("habla.gpt/2", "{}");
        Assert.Contains(
            "the metadata names format 'habla.gpt/2', but 'habla.gpt/1' was expected",
            Assert.Throws<SafetensorsException>(() => ModelFile.Load(Weights)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "Expected depth to be zero")]
    [InlineData("null", "the configuration is null")]
    [InlineData("7", "could not be converted")]
    [InlineData("""{"layer_count":0}""", "model.n_layer: 0 is not possible")]
    [InlineData("""{"width":17,"head_count":2}""", "model.d_model: 17 is not divisible by model.n_head 2")]
    [InlineData("""{"family":"bert"}""", "could not be converted")]
    public void A_configuration_that_cannot_be_is_told(string config, string expected)
    {
        Write(ModelFile.Format, config);
        var error = Assert.Throws<SafetensorsException>(() => ModelFile.Load(Weights));
        Assert.StartsWith($"{Weights}: the configuration in the metadata cannot be used (", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.EndsWith("Use the weights.safetensors of a Habla run.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(65_536, 1_048_576, 8)]
    [InlineData(65_536, 8, 1_048_576)]
    [InlineData(16_384, 100_000, 8)]
    [InlineData(512, 8, 1_048_576)]
    public void A_tiny_file_that_claims_a_huge_model_costs_no_memory(int width, int vocabulary, int context)
    {
        GptConfig config = GptConfig.Minigpt() with
        {
            Width = width, HeadCount = 1, VocabularySize = vocabulary, ContextLength = context, FeedForwardWidth = 8, LayerCount = 1,
        };
        Write(ModelFile.Format, JsonSerializer.Serialize(config, JsonFormat.Line));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<SafetensorsException>(() => ModelFile.Load(Weights));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void A_small_file_with_a_huge_context_costs_no_memory_until_it_is_used()
    {
        using Gpt model = TrainingSamples.Model(TrainingSamples.Config() with { ContextLength = 1_048_576 });
        ModelFile.Save(Weights, model);
        long before = GC.GetAllocatedBytesForCurrentThread();
        using Gpt back = ModelFile.Load(Weights);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 18);
        Assert.Equal(1_048_576, back.Config.ContextLength);
    }

    [Fact]
    public void A_thousand_blocks_in_one_tensor_are_refused_before_they_are_made()
    {
        GptConfig config = GptConfig.Gpt2() with
        {
            LayerCount = 1000, HeadCount = 1, Width = 1, FeedForwardWidth = 1, VocabularySize = 1, ContextLength = 1,
        };
        SafetensorsWriter.Write(
            Weights,
            [SafetensorsEntry.Of("x", [(int)config.ParameterCount], new float[config.ParameterCount])],
            new Dictionary<string, string>
            {
                ["format"] = ModelFile.Format, ["config"] = JsonSerializer.Serialize(config, JsonFormat.Line),
            });
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains(
            "1 tensors cannot be the 1000 blocks",
            Assert.Throws<SafetensorsException>(() => ModelFile.Load(Weights)).Message,
            StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 18);
    }

    [Fact]
    public void Numbers_of_another_format_do_not_count_as_the_models()
    {
        using Gpt model = TrainingSamples.Model();
        int numbers = (int)model.Parameters.Count;
        string config = JsonSerializer.Serialize(JsonSerializer.Serialize(model.Config, JsonFormat.Line), JsonFormat.Line);
        string header = $$"""
            {"__metadata__":{"format":"{{ModelFile.Format}}","config":{{config}}},
            "x":{"dtype":"U8","shape":[{{numbers}}],"data_offsets":[0,{{numbers}}]} }
            """;
        File.WriteAllBytes(Weights, SafetensorsSamples.ByHand(header, numbers));
        Assert.Contains(
            "the tensors hold 0 float32 numbers", Assert.Throws<SafetensorsException>(() => ModelFile.Load(Weights)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_safetensors_file_is_refused()
    {
        Assert.Contains("cannot be opened", Assert.Throws<SafetensorsException>(() => ModelFile.Load(_folder.In("none")))
            .Message, StringComparison.Ordinal);
        File.WriteAllBytes(Weights, []);
        Assert.Contains(
            "0 bytes are too few", Assert.Throws<SafetensorsException>(() => ModelFile.Load(Weights)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(Weights, Encoding.UTF8.GetBytes("{\"weights\": [1, 2, 3]}"));
        Assert.Throws<SafetensorsException>(() => ModelFile.Load(Weights));
    }

    private static JsonElement ConfigIn(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return JsonDocument.Parse(file.Metadata["config"]).RootElement;
    }

    private static float[] Logits(Gpt model)
    {
        using var tape = new Tape(model.Parameters, TapeMode.Inference);
        return model.Forward(tape, TrainingSamples.Batch(2).Inputs, batchSize: 2).Data.ToArray();
    }

    private void Write(string format, string config) => SafetensorsWriter.Write(
        Weights,
        [SafetensorsEntry.Of("x", [1], new float[] { 1 })],
        new Dictionary<string, string> { ["format"] = format, ["config"] = config });
}
