using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Habla.Checkpoints;
using Habla.Modeling;
using Habla.Storage;
using Habla.Tests.Training;

namespace Habla.Tests.Checkpoints;

/// <summary>A model's file, wounded: a model comes out whole, or the one exception.</summary>
public sealed class ModelFileFuzzTests : IDisposable
{
    private static readonly GptConfig _config = GptConfig.Gpt2() with
    {
        LayerCount = 1, HeadCount = 1, Width = 2, FeedForwardWidth = 1, VocabularySize = 3, ContextLength = 2,
    };

    private readonly Gpt _model = TrainingSamples.Model(_config);
    private readonly byte[] _sound;

    public ModelFileFuzzTests()
    {
        using var folder = new TemporaryFolder();
        ModelFile.Save(folder.In("weights.safetensors"), _model);
        _sound = File.ReadAllBytes(folder.In("weights.safetensors"));
    }

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Ten_thousand_wounded_files_fill_a_model_or_are_refused()
    {
        using Gpt model = new(_config);
        int succeeded = 0;
        Prop.ForAll(Wound.Some, wounds =>
        {
            if (Fuzzing.Succeeds(Wound.Apply(_sound, wounds), file => LoadInto(file, model)))
                succeeded++;
        }).Check(Fuzzing.Files(10_000, seed: 3));
        Assert.InRange(succeeded, 100, 5_000);
    }

    [Fact]
    public void Ten_thousand_wounded_files_become_a_model_or_are_refused()
    {
        int succeeded = 0;
        Prop.ForAll(Wound.Some, wounds =>
        {
            if (Fuzzing.Succeeds(Wound.Apply(_sound, wounds), Load))
                succeeded++;
        }).Check(Fuzzing.Files(10_000, seed: 4));
        Assert.InRange(succeeded, 100, 5_000);
    }

    [Fact]
    public void Ten_thousand_wounded_configurations_become_a_model_or_are_refused()
    {
        string config = JsonSerializer.Serialize(_config, JsonFormat.Line);
        Arbitrary<Wound[]> wounds = Wound.SomeOf([.. Enum.GetValues<WoundKind>().Where(kind => kind >= WoundKind.Number)]);
        int succeeded = 0;
        Prop.ForAll(wounds, some =>
        {
            using var stream = new MemoryStream();
            SafetensorsWriter.Write(
                stream, ModelFile.Entries(_model),
                new Dictionary<string, string> { ["format"] = ModelFile.Format, ["config"] = Wound.Apply(config, some) });
            if (Fuzzing.Succeeds(stream.ToArray(), Load))
                succeeded++;
        }).Check(Fuzzing.Files(10_000, seed: 5));
        Assert.InRange(succeeded, 100, 5_000);
    }

    private static void LoadInto(byte[] bytes, Gpt model)
    {
        using SafetensorsFile file = SafetensorsSamples.Open(bytes);
        ModelFile.LoadInto(file, model);
    }

    private static void Load(byte[] bytes)
    {
        using SafetensorsFile file = SafetensorsSamples.Open(bytes);
        using Gpt model = ModelFile.Load(file, "sample.safetensors");

        // Its numbers lie outside of the managed heap, where nothing is measured.
        Assert.InRange(model.Parameters.Count * sizeof(float), 0, bytes.Length);
    }
}
