using System.Text.Json;
using System.Text.Json.Nodes;
using Habla.Checkpoints;
using Habla.Interchange;
using Habla.Modeling;
using Habla.Tensors;
using Habla.Tensors.Ops;
using Habla.Tests.Golden;
using Habla.Tokenization;

namespace Habla.Tests.Interchange;

/// <summary>Small models to carry over, and folders as other programs leave them.</summary>
internal static class ForeignModels
{
    /// <summary>A tokenizer of so many single characters.</summary>
    public static CharacterTokenizer Characters(int count, bool specialTokens = false) => new(
        [.. specialTokens ? SpecialTokens.All : [], .. Enumerable.Range('a', count - (specialTokens ? 4 : 0)).Select(code => ((char)code).ToString())],
        [], specialTokens);

    /// <summary>A model of a shape, each of its numbers drawn.</summary>
    public static PortableModel Drawn(GptConfig config, bool beginsText = false)
    {
        var model = new Gpt(config);
        foreach (Parameter parameter in model.Parameters.Parameters)
        {
            var random = new SeededRandom(3, RandomPurpose.Initialization, (uint)parameter.Index);
            Span<float> numbers = model.Parameters.Data(parameter);
            for (int i = 0; i < numbers.Length; i++)
            {
                numbers[i] = 0.2f * random.Normal((ulong)i);
            }
        }

        return new PortableModel(model, Characters(config.VocabularySize, beginsText), beginsText);
    }

    public static GptConfig SmallGpt2 { get; } = GptConfig.Gpt2() with
    {
        LayerCount = 2, HeadCount = 2, Width = 8, FeedForwardWidth = 20, VocabularySize = 13, ContextLength = 6,
    };

    public static GptConfig SmallLlama { get; } = GptConfig.Llama() with
    {
        LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 2, Width = 16, FeedForwardWidth = 20, VocabularySize = 13, ContextLength = 6,
        NormEpsilon = 1e-6, RotaryBase = 500, RotaryScaling = new RotaryScaling(8, OriginalContext: 16),
    };

    /// <summary>Writes a golden file of tests/golden as a folder, with a tokenizer.</summary>
    public static void WriteGolden(string name, string folder)
    {
        using JsonDocument document = GoldenTensor.Open(name + ".json");
        Directory.CreateDirectory(folder);
        JsonElement config = document.RootElement.GetProperty("config");
        File.WriteAllText(Path.Combine(folder, "config.json"), config.GetRawText());
        SafetensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"),
            [
                .. GoldenTensor.ReadAll(document.RootElement.GetProperty("weights"))
                    .Select(pair => SafetensorsEntry.Of(pair.Key, pair.Value.Shape, pair.Value.Singles)),
            ]);
        Characters(config.GetProperty("vocab_size").GetInt32()).Save(Path.Combine(folder, "tokenizer.json"));
    }

    /// <summary>Changes a field of a folder's config.json.</summary>
    public static void Set(string folder, string key, JsonNode? value)
    {
        string file = Path.Combine(folder, "config.json");
        JsonObject config = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        config[key] = value;
        File.WriteAllText(file, config.ToJsonString());
    }

    /// <summary>Writes a folder's weights again with some changed, added or left out (null).</summary>
    public static void SetWeights(string folder, params (string Name, int[] Shape, float[]? Numbers)[] changes)
    {
        string path = Path.Combine(folder, "model.safetensors");
        var entries = new List<SafetensorsEntry>();
        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            foreach (SafetensorsTensor tensor in file.Tensors.Where(tensor => changes.All(change => change.Name != tensor.Name)))
            {
                float[] numbers = new float[tensor.ElementCount];
                file.Read(tensor.Name, numbers);
                entries.Add(SafetensorsEntry.Of(tensor.Name, [.. tensor.Shape.Select(size => (int)size)], numbers));
            }
        }

        entries.AddRange(changes.Where(change => change.Numbers is not null)
            .Select(change => SafetensorsEntry.Of(change.Name, change.Shape, change.Numbers!)));
        SafetensorsWriter.Write(path, entries);
    }

    public static void AssertSameWeights(Gpt expected, Gpt found)
    {
        Assert.Equal(expected.Parameters.Parameters.Select(p => p.Name), found.Parameters.Parameters.Select(p => p.Name));
        foreach (Parameter parameter in expected.Parameters.Parameters)
        {
            Assert.True(
                expected.Parameters.Data(parameter).SequenceEqual(found.Parameters.Data(found.Parameters[parameter.Name])), parameter.Name);
        }
    }
}
