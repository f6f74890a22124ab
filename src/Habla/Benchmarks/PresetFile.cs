using Habla.Interchange;
using Habla.Interchange.Gguf;
using Habla.Modeling;
using Habla.Tensors;
using Habla.Tokenization;

namespace Habla.Benchmarks;

/// <summary>
/// The model of a preset, with the random weights that are measured, as a GGUF file: so that llama.cpp can be timed on it.
/// </summary>
public static class PresetFile
{
    // Blocks of ideographs: more characters than any preset has tokens.
    private const int FirstBlock = 0x4E00, FirstBlockLength = 20_992, SecondBlock = 0x20000;

    /// <summary>Writes the file. Its tokenizer has a character for each token and means nothing.</summary>
    /// <param name="preset">Of a family that llama.cpp has too.</param>
    /// <param name="weights">In what numbers matrices are stored.</param>
    /// <param name="folder">Where to put it; created when missing.</param>
    /// <returns>The path: PRESET-float32.gguf for instance.</returns>
    /// <exception cref="InvalidInputException">llama.cpp has no such model, or the file cannot be written.</exception>
    public static string Write(BenchmarkPreset preset, WeightFormat weights, string folder)
    {
        ArgumentNullException.ThrowIfNull(preset);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        using var model = new Gpt(preset.Model);
        Initialization.Initialize(model, GenerationBenchmark.Seed);
        var tokenizer = new CharacterTokenizer(
            [.. Enumerable.Range(0, preset.Model.VocabularySize).Select(Character)], [], specialTokens: false);
        string path = Path.Combine(folder, $"{preset.Name}-{Generation.WeightFormats.Name(weights)}.gguf");
        GgufType type = weights switch { WeightFormat.Q8 => GgufType.Q8, WeightFormat.Float16 => GgufType.F16, _ => GgufType.F32 };
        GgufExport.Write(path, new PortableModel(model, tokenizer, BeginsText: false), type, preset.Name);
        return path;
    }

    private static string Character(int id) =>
        char.ConvertFromUtf32(id < FirstBlockLength ? FirstBlock + id : SecondBlock + id - FirstBlockLength);
}
