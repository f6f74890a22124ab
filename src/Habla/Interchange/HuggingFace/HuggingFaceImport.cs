using Habla.Modeling;
using Habla.Tensors;
using Habla.Tokenization;

namespace Habla.Interchange.HuggingFace;

/// <summary>Reads a GPT-2 or Llama from a folder as Hugging Face's transformers saves it.</summary>
public static class HuggingFaceImport
{
    private const string ConfigFile = "config.json";

    /// <summary>Reads the model.</summary>
    /// <param name="folder">
    /// Has config.json, the weights as safetensors (one file, or several with their index), and the tokenizer: tokenizer.json, or
    /// vocab.json with merges.txt.
    /// </param>
    /// <returns>The model, and what it was read from.</returns>
    /// <exception cref="InvalidInputException">
    /// A file is missing or damaged, or the model is one that is computed differently here; the message names the file and the field or
    /// tensor.
    /// </exception>
    public static (PortableModel Model, ModelSource Source) Read(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string configFile = Path.Combine(folder, ConfigFile);
        if (!Directory.Exists(folder))
        {
            string problem = File.Exists(folder) ? "is a file, and GGUF files and single weights are not imported" : "is not there";
            throw new InvalidInputException(
                $"{folder} {problem}; name a folder of Hugging Face with {ConfigFile}, model.safetensors and tokenizer.json");
        }

        if (!File.Exists(configFile))
        {
            throw new InvalidInputException(
                $"{folder} has no {ConfigFile}; expected a folder as Hugging Face's save_pretrained writes it, with {ConfigFile}, "
                + $"{HuggingFaceWeights.SingleFile} and tokenizer.json");
        }

        ConfigFields fields = ConfigFields.Read(configFile);
        (ForeignFamily family, GptConfig config) = ReadConfig(fields);
        (Tokenizer tokenizer, string[] tokenizerFiles) = ReadTokenizer(folder);
        if (tokenizer.VocabularySize != config.VocabularySize)
        {
            throw fields.Bad("vocab_size", $"is {config.VocabularySize}, but the tokenizer beside it has {tokenizer.VocabularySize} tokens; "
                + "put the model's own tokenizer there");
        }

        using HuggingFaceWeights weights = HuggingFaceWeights.Open(folder);
        Gpt model = ReadWeights(weights, family, config);
        bool hasConfig = File.Exists(Path.Combine(folder, TokenizerSettings.FileName));
        string[] files =
            [ConfigFile, .. weights.FileNames, .. tokenizerFiles, .. hasConfig ? new[] { TokenizerSettings.FileName } : []];
        return (
            new PortableModel(model, tokenizer, TokenizerSettings.BeginsText(folder, tokenizer)),
            ModelSource.Of(folder, fields.Text("model_type", ""), weights.Dtypes, files));
    }

    private static (ForeignFamily Family, GptConfig Config) ReadConfig(ConfigFields fields)
    {
        if (fields["quantization_config"] is not null)
        {
            throw fields.Bad("quantization_config", "is set; weights that are quantized already cannot be imported, get the model they came from");
        }

        (ForeignFamily, GptConfig) read = fields.Text("model_type", "") switch
        {
            Gpt2Config.ModelType => (ForeignFamily.Gpt2, Gpt2Config.Read(fields)),
            LlamaConfig.ModelType => (ForeignFamily.Llama, LlamaConfig.Read(fields)),
            var other => throw fields.Bad("model_type", $"is '{other}'; Habla computes {Gpt2Config.ModelType} and {LlamaConfig.ModelType}"),
        };
        try
        {
            read.Item2.Validate();
            return read;
        }
        catch (InvalidInputException error)
        {
            throw new InvalidInputException($"{fields.Path}: {error.Message}", error);
        }
    }

    private static (Tokenizer Tokenizer, string[] Files) ReadTokenizer(string folder)
    {
        string[][] kinds = [["tokenizer.json"], ["vocab.json", "merges.txt"]];
        return kinds.FirstOrDefault(files => files.All(file => File.Exists(Path.Combine(folder, file)))) is { } found
            ? (TokenizerSettings.Load(Path.Combine(folder, found[0])), found)
            : throw new InvalidInputException(
                $"{folder} has no tokenizer: expected tokenizer.json, or vocab.json with merges.txt"
                + (File.Exists(Path.Combine(folder, "tokenizer.model")) ? "; its tokenizer.model is of SentencePiece, which Habla does not read" : ""));
    }

    private static Gpt ReadWeights(HuggingFaceWeights weights, ForeignFamily family, GptConfig config)
    {
        IReadOnlyList<ForeignTensor> tensors = HuggingFaceNames.Of(family, config);
        string prefix = family == ForeignFamily.Gpt2 && !weights.Contains(tensors[0].Name) && weights.Contains(Short(tensors[0].Name))
            ? HuggingFaceNames.Gpt2Prefix : "";
        string NameThere(ForeignTensor tensor) => prefix.Length > 0 ? Short(tensor.Name) : tensor.Name;
        RefuseOthers(weights, [.. tensors.Select(NameThere), .. config.TieEmbeddings ? new[] { HuggingFaceNames.Head } : []]);
        var model = new Gpt(config);
        try
        {
            var there = new ForeignWeights(model.Parameters);
            foreach (ForeignTensor tensor in tensors)
            {
                string name = NameThere(tensor);
                if (there.TryInPlace(tensor, out Span<float> numbers))
                {
                    weights.Read(name, there.Shape(tensor), numbers); // a large model is never in memory twice
                }
                else if (!there.Scatter(tensor, weights.Read(name, there.Shape(tensor))))
                {
                    throw new InvalidInputException(
                        $"{weights.PathOf(name)}: tensor {name}: the configuration says there is no such bias, but it is not zero");
                }
            }

            CheckTiedHead(weights, model);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static string Short(string name) =>
        name.StartsWith(HuggingFaceNames.Gpt2Prefix, StringComparison.Ordinal) ? name[HuggingFaceNames.Gpt2Prefix.Length..] : name;

    private static void RefuseOthers(HuggingFaceWeights weights, HashSet<string> known)
    {
        if (weights.Names.FirstOrDefault(name => !known.Contains(name) && !HuggingFaceNames.IsComputed(name)) is { } stranger)
        {
            throw new InvalidInputException(
                $"{weights.PathOf(stranger)}: tensor {Checkpoints.SafetensorsException.Show(stranger)}: not expected; a model of this "
                + "config.json has none of that name");
        }
    }

    /// <summary>A head that is written although it is tied has to be the token embedding.</summary>
    private static void CheckTiedHead(HuggingFaceWeights weights, Gpt model)
    {
        if (!model.Config.TieEmbeddings || !weights.Contains(HuggingFaceNames.Head))
        {
            return;
        }

        Parameter embedding = model.Parameters[ParameterNames.TokenEmbedding];
        float[] head = weights.Read(HuggingFaceNames.Head, [embedding.Shape[0], embedding.Shape[1]]);
        if (!model.Parameters.Data(embedding).SequenceEqual(head))
        {
            throw new InvalidInputException(
                $"{weights.PathOf(HuggingFaceNames.Head)}: tensor {HuggingFaceNames.Head}: config.json says tie_word_embeddings, but the head "
                + "is not the token embedding; set tie_word_embeddings to false there if it is a head of its own");
        }
    }
}
