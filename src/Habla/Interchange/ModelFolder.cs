using System.Globalization;
using Habla.Checkpoints;
using Habla.Modeling;
using Habla.Storage;

namespace Habla.Interchange;

/// <summary>
/// A model without a run, as <c>habla import</c> leaves it: weights.safetensors and tokenizer.json, tokenizer_config.json with how
/// texts begin and end, import.json with where it came from, and a README that says the same to people.
/// </summary>
public static class ModelFolder
{
    /// <summary>The file that tells where the model came from.</summary>
    public const string SourceFile = "import.json";

    private const string TokenizerFile = "tokenizer.json", ReadmeFile = "README.md";

    /// <summary>Writes the folder; the weights come last, and older ones go first, so that a folder that has them is whole.</summary>
    /// <param name="folder">The folder; made when missing.</param>
    /// <param name="portable">The model.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="replace">Whether a model that is there already is replaced.</param>
    /// <returns>The SHA-256 of the weights.</returns>
    /// <exception cref="InvalidInputException">Something is there already, or a file cannot be written.</exception>
    public static string Write(string folder, PortableModel portable, ModelSource source, bool replace = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(portable);
        ArgumentNullException.ThrowIfNull(source);
        RefuseOccupied(folder, replace);
        string weights = Path.Combine(folder, Checkpoint.WeightsFile);
        string hash = ModelFile.HashOf(portable.Model);
        GptConfig config = portable.Model.Config;
        Remove(weights);
        portable.Tokenizer.Save(Path.Combine(folder, TokenizerFile));
        JsonFormat.WriteFile(Path.Combine(folder, TokenizerSettings.FileName), TokenizerSettings.Of(portable));
        JsonFormat.WriteFile(Path.Combine(folder, SourceFile), new
        {
            imported_from = source.Folder, source.Architecture, source.Dtypes, source.Files, config.ParameterCount, weights_sha256 = hash,
        });
        AtomicFile.WriteText(Path.Combine(folder, ReadmeFile), Readme(portable, source, hash));
        ModelFile.Save(weights, portable.Model);
        return hash;
    }

    /// <summary>Refuses a folder that holds anything, before work is done for it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="replace">Whether a model that is there already is replaced; nothing else ever is.</param>
    /// <exception cref="InvalidInputException">Something is there.</exception>
    public static void RefuseOccupied(string folder, bool replace)
    {
        if (File.Exists(folder))
        {
            throw new InvalidInputException($"{folder} is a file; name a folder for the model");
        }

        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()
            && !(replace && File.Exists(Path.Combine(folder, SourceFile))))
        {
            throw new InvalidInputException(
                File.Exists(Path.Combine(folder, SourceFile))
                    ? $"{folder} holds an imported model already; name another folder, or give --force to replace it"
                    : $"{folder} is not empty; name another folder for the model");
        }
    }

    /// <summary>Weights that are replaced go first: never do they stand beside another model's tokenizer.</summary>
    private static void Remove(string weights)
    {
        try
        {
            if (File.Exists(weights))
            {
                File.Delete(weights);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"cannot replace {weights}: {error.Message.TrimEnd('.')}; the model there is untouched", error);
        }
    }

    private static string Readme(PortableModel portable, ModelSource source, string hash)
    {
        GptConfig config = portable.Model.Config;
        string files = string.Join('\n', source.Files.Select(file =>
            string.Create(CultureInfo.InvariantCulture, $"| {file.Name} | {file.Bytes:N0} | `{file.Sha256}` |")));
        return string.Create(CultureInfo.InvariantCulture, $"""
            # A {source.Architecture} model, imported

            {config.ParameterCount:N0} parameters: {config.LayerCount} layers, {config.HeadCount} heads, width {config.Width},
            {config.VocabularySize:N0} tokens, at most {config.ContextLength:N0} at once. Read from `{source.Folder}`
            ({string.Join(", ", source.Dtypes)}) and kept as float32; SHA-256 of weights.safetensors `{hash}`.

            | file it was read from | bytes | SHA-256 |
            | --- | --- | --- |
            {files}

            """);
    }
}
