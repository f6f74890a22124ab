using Habla.Checkpoints;
using Habla.Modeling;
using Habla.Storage;
using Habla.Tokenization;

namespace Habla.Interchange.HuggingFace;

/// <summary>Writes a model as a folder that Hugging Face's transformers reads with from_pretrained.</summary>
public static class HuggingFaceExport
{
    private static readonly Dictionary<SafetensorsDtype, string> _torchNames = new()
    {
        [SafetensorsDtype.F32] = "float32", [SafetensorsDtype.F16] = "float16", [SafetensorsDtype.BF16] = "bfloat16",
    };

    /// <summary>
    /// Writes config.json, model.safetensors, the tokenizer and how texts begin and end; files of those names are replaced.
    /// </summary>
    /// <param name="folder">The folder; made when missing.</param>
    /// <param name="portable">The model; of a family that transformers has too.</param>
    /// <param name="dtype">What weights are written as: F32 (every bit arrives), F16 or BF16 (rounded to the nearest).</param>
    /// <returns>The paths of the files.</returns>
    /// <exception cref="InvalidInputException">
    /// The model has no such form, a weight is too large for F16, or a file cannot be written.
    /// </exception>
    public static IReadOnlyList<string> Write(string folder, PortableModel portable, SafetensorsDtype dtype = SafetensorsDtype.F32)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(portable);
        GptConfig config = portable.Model.Config;
        ForeignFamily family = ForeignFamilies.Of(config);
        if (dtype == SafetensorsDtype.F16)
        {
            Float16Range.Refuse(portable.Model, portable.Model.Parameters.Parameters.Select(parameter => parameter.Name), 1, "bf16");
        }

        var weights = new ForeignWeights(portable.Model.Parameters);
        SafetensorsEntry[] tensors =
        [
            .. HuggingFaceNames.Of(family, config).Select(tensor =>
                new SafetensorsEntry(tensor.Name, weights.Shape(tensor), () => weights.Gather(tensor), dtype)),
        ];
        string Place(string name) => Path.Combine(folder, name);
        SafetensorsWriter.Write(
            Place(HuggingFaceWeights.SingleFile), tensors, new Dictionary<string, string> { ["format"] = "pt" }); // transformers asks for it
        JsonFormat.WriteFile(Place("config.json"), Config(family, portable, dtype));
        JsonFormat.WriteFile(Place("generation_config.json"), SpecialIds(portable.Tokenizer));
        JsonFormat.WriteFile(Place(TokenizerSettings.FileName), TokenizerConfig(portable));
        portable.Tokenizer.Save(Place("tokenizer.json"));
        return
        [
            Place("config.json"), Place(HuggingFaceWeights.SingleFile), Place("tokenizer.json"), Place(TokenizerSettings.FileName),
            Place("generation_config.json"),
        ];
    }

    private static Dictionary<string, object?> Config(ForeignFamily family, PortableModel portable, SafetensorsDtype dtype)
    {
        var fields = new Dictionary<string, object?>();
        if (family == ForeignFamily.Gpt2)
        {
            Gpt2Config.Write(fields, portable.Model.Config);
        }
        else
        {
            LlamaConfig.Write(fields, portable.Model.Config);
        }

        fields["torch_dtype"] = _torchNames[dtype];
        foreach ((string key, object? id) in SpecialIds(portable.Tokenizer))
        {
            fields[key] = id;
        }

        return fields;
    }

    /// <summary>Null, not missing: for a missing field transformers has an id of its own.</summary>
    private static Dictionary<string, object?> SpecialIds(Tokenizer tokenizer) => new()
    {
        ["bos_token_id"] = tokenizer.BosId >= 0 ? tokenizer.BosId : null,
        ["eos_token_id"] = tokenizer.EosId >= 0 ? tokenizer.EosId : null,
        ["pad_token_id"] = tokenizer.PadId >= 0 ? tokenizer.PadId : null,
    };

    private static Dictionary<string, object?> TokenizerConfig(PortableModel portable) => new(TokenizerSettings.Of(portable))
    {
        ["tokenizer_class"] = "PreTrainedTokenizerFast",
        ["model_max_length"] = portable.Model.Config.ContextLength,
        ["clean_up_tokenization_spaces"] = false,
    };
}
