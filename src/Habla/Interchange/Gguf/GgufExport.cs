using Habla.Modeling;
using Habla.Tensors;
using Habla.Tensors.Ops;

namespace Habla.Interchange.Gguf;

/// <summary>Writes a model with its tokenizer as one GGUF file, which llama.cpp and what is built on it read.</summary>
public static class GgufExport
{
    // llama.cpp's numbers for "all float32", "mostly float16" and "mostly q8_0".
    private static readonly Dictionary<GgufType, int> _fileTypes = new() { [GgufType.F32] = 0, [GgufType.F16] = 1, [GgufType.Q8] = 7 };

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="portable">The model; of a family that llama.cpp has too.</param>
    /// <param name="type">
    /// How matrices are stored. Vectors, norms and learned positions stay in float32, and rows that are no multiple of 32 long are stored
    /// in float16 instead of q8_0, as llama.cpp does it.
    /// </param>
    /// <param name="name">What the file calls the model.</param>
    /// <exception cref="InvalidInputException">
    /// The model or its tokenizer has no such form, a weight is too large for the type, or the file cannot be written.
    /// </exception>
    public static void Write(string path, PortableModel portable, GgufType type, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(portable);
        GptConfig config = portable.Model.Config;
        ForeignFamily family = ForeignFamilies.Of(config);
        if (family == ForeignFamily.Gpt2 && config.Activation == ActivationKind.Gelu)
        {
            throw new InvalidInputException(
                "llama.cpp computes GPT-2 with model.activation gelu_tanh, and this model has gelu; export it with --to hf, "
                + "or train with model.activation: gelu_tanh");
        }

        string architecture = family == ForeignFamily.Gpt2 ? "gpt2" : "llama";
        var metadata = new GgufMetadata();
        metadata.Add("general.architecture", architecture);
        metadata.Add("general.name", name);
        metadata.Add("general.file_type", _fileTypes[type]);
        metadata.Add("general.quantization_version", 2);
        AddSizes(metadata, architecture, config);
        GgufTokenizer.AddTo(metadata, portable.Tokenizer, portable.BeginsText);
        var weights = new ForeignWeights(portable.Model.Parameters);
        IReadOnlyList<ForeignTensor> names = GgufNames.Of(family, config);
        GgufTensor[] tensors = [.. names.Select(tensor => Tensor(tensor, weights, type))];
        RefuseTooLarge(portable.Model, names.Zip(tensors));
        GgufWriter.Write(path, metadata, [.. FrequencyFactors(config), .. tensors]);
    }

    private static void RefuseTooLarge(Gpt model, IEnumerable<(ForeignTensor Here, GgufTensor There)> tensors)
    {
        // Of a block of q8_0, the scale is float16: the largest number / 127.
        foreach ((GgufType type, float divisor) in (ReadOnlySpan<(GgufType, float)>)[(GgufType.F16, 1), (GgufType.Q8, sbyte.MaxValue)])
        {
            Float16Range.Refuse(model, tensors.Where(pair => pair.There.Type == type).SelectMany(pair => pair.Here.Parameters), divisor);
        }
    }

    private static void AddSizes(GgufMetadata metadata, string architecture, GptConfig config)
    {
        metadata.Add($"{architecture}.vocab_size", config.VocabularySize);
        metadata.Add($"{architecture}.context_length", config.ContextLength);
        metadata.Add($"{architecture}.embedding_length", config.Width);
        metadata.Add($"{architecture}.block_count", config.LayerCount);
        metadata.Add($"{architecture}.feed_forward_length", config.FeedForwardWidth);
        metadata.Add($"{architecture}.attention.head_count", config.HeadCount);
        if (config.Norm == NormKind.Layernorm)
        {
            metadata.Add($"{architecture}.attention.layer_norm_epsilon", (float)config.NormEpsilon);
            return;
        }

        metadata.Add($"{architecture}.attention.head_count_kv", config.KeyValueHeads);
        metadata.Add($"{architecture}.attention.layer_norm_rms_epsilon", (float)config.NormEpsilon);
        metadata.Add($"{architecture}.rope.dimension_count", config.HeadSize);
        metadata.Add($"{architecture}.rope.freq_base", (float)config.RotaryBase);
    }

    /// <summary>What Llama 3's scaling divides the frequency of each pair by, as a tensor; none without scaling.</summary>
    private static IEnumerable<GgufTensor> FrequencyFactors(GptConfig config)
    {
        if (config.Position != PositionKind.Rotary || config.RotaryScaling == RotaryScaling.None)
        {
            return [];
        }

        int pairs = config.HeadSize / 2;
        float[] factors = new float[pairs];
        for (int i = 0; i < pairs; i++)
        {
            double frequency = Math.Pow(config.RotaryBase, -2.0 * i / config.HeadSize);
            factors[i] = (float)(frequency / config.RotaryScaling.Scaled(frequency));
        }

        return [new GgufTensor("rope_freqs.weight", [pairs], GgufType.F32, () => factors)];
    }

    private static GgufTensor Tensor(ForeignTensor tensor, ForeignWeights weights, GgufType type)
    {
        int[] shape = weights.Shape(tensor);
        GgufType stored = shape.Length < 2 || tensor.Name == GgufNames.Positions ? GgufType.F32
            : type == GgufType.Q8 && shape[^1] % Q8Block.Size != 0 ? GgufType.F16
            : type;
        return new GgufTensor(tensor.Name, shape, stored, () => weights.Gather(tensor));
    }
}
