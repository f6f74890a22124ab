using System.Text.Json.Nodes;
using Habla.Configuration;
using Habla.Storage;
using Habla.Tokenization;
using Habla.Tracking;

namespace Habla.Runs;

/// <summary>What a run wrote down about itself: enough to use its weights, and to do it all again.</summary>
/// <param name="Folder">The run folder.</param>
/// <param name="Manifest">Where the run came from.</param>
/// <param name="Recipe">The resolved recipe.</param>
/// <param name="Tokenizer">The tokenizer, which is the one the manifest tells of.</param>
public sealed record RecordedRun(RunFolder Folder, Manifest Manifest, Recipe Recipe, Tokenizer Tokenizer)
{
    /// <summary>Reads manifest, recipe and tokenizer.</summary>
    /// <param name="folder">The run folder.</param>
    /// <exception cref="InvalidInputException">One is missing or bad, or the tokenizer is another than the run's.</exception>
    public static RecordedRun Read(RunFolder folder)
    {
        Recipe recipe = RecipeReader.Read(folder.ConfigFile);
        Tokenizer tokenizer = Tokenizer.Load(folder.TokenizerFile);
        Manifest manifest = Manifest.Read(folder.ManifestFile);
        if (manifest.TokenizerSha256 is { } trainedWith && trainedWith != tokenizer.Fingerprint)
        {
            throw new InvalidInputException(
                $"{folder.TokenizerFile} is not the tokenizer the run was trained with (its SHA-256 is {tokenizer.Fingerprint}, "
                + $"the manifest says {trainedWith}); put the original back");
        }

        return new RecordedRun(folder, manifest, recipe, tokenizer);
    }

    /// <summary>
    /// Makes sure that config.yaml is the recipe the manifest tells of; keys that the manifest does not know are passed over.
    /// </summary>
    /// <exception cref="InvalidInputException">A key has another value.</exception>
    public void RefuseAnotherRecipe()
    {
        string[] changes = [.. Changes(RecipeWriter.ToJson(Recipe))];
        if (changes.Length > 0)
        {
            throw new InvalidInputException(
                $"{Folder.ConfigFile} is not the recipe that {Folder.ManifestFile} tells of: {string.Join("; ", changes)}. "
                + "Put the original back.");
        }
    }

    /// <summary>Makes sure that every data file is there with the bytes the run was trained on.</summary>
    /// <exception cref="InvalidInputException">A file is missing, another one, or without a hash in the manifest.</exception>
    public void RefuseOtherData()
    {
        foreach (string path in RunData.FilesOf(Recipe))
        {
            if (!Manifest.DataSha256.TryGetValue(path, out string? expected))
            {
                throw new InvalidInputException(
                    $"{Folder.ManifestFile} has no SHA-256 of {path}, so nobody can tell whether it is the run's data");
            }

            if (!File.Exists(path))
            {
                throw new InvalidInputException(
                    $"{path}: the run's data is not there; call habla from the folder the run was started in, or put the file with "
                    + $"SHA-256 {expected} there");
            }

            string found = HashOf(path);
            if (found != expected)
            {
                throw new InvalidInputException(
                    $"{path} is not the file the run was trained on: its SHA-256 is {found}, the manifest says {expected}; "
                        + "put the original back");
            }
        }
    }

    private IEnumerable<string> Changes(JsonObject recipe)
    {
        foreach ((string section, JsonNode? keys) in recipe)
        {
            foreach (string change in Changes(section, Manifest.Config[section], keys!.AsObject()))
            {
                yield return change;
            }
        }
    }

    private static IEnumerable<string> Changes(string path, JsonNode? recorded, JsonObject keys)
    {
        foreach ((string key, JsonNode? value) in keys)
        {
            // A value that was made and one that was read are compared as the texts they are in a file.
            string[] changes = recorded is not JsonObject known || !known.TryGetPropertyValue(key, out JsonNode? before) ? []
                : value is JsonObject group && before is JsonObject ? [.. Changes($"{path}.{key}", before, group)]
                : Text(before) != Text(value) ? [$"{path}.{key} is {Text(value)}, but was {Text(before)}"]
                : [];
            foreach (string change in changes)
            {
                yield return change;
            }
        }
    }

    private static string Text(JsonNode? value) => value?.ToJsonString(JsonFormat.Line) ?? "null";

    private static string HashOf(string path)
    {
        try
        {
            return ContentHash.OfFile(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{path}: cannot read this file: {error.Message}", error);
        }
    }
}
