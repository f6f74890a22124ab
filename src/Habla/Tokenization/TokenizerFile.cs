using System.Text.Json;

namespace Habla.Tokenization;

/// <summary>Reads a file of a tokenizer, whichever kind it holds.</summary>
internal static class TokenizerFile
{
    public static Tokenizer Read(string path)
    {
        path = Directory.Exists(path) ? InFolder(path) : path;
        byte[] bytes = ReadBytes(path);
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            return Read(document.RootElement, bytes, path);
        }
        catch (JsonException error)
        {
            throw TokenizerJson.Damaged(path, $"it is not valid JSON: {error.Message}", error);
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw TokenizerJson.Damaged(path, error.Message, error);
        }
    }

    public static byte[] ReadBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(
                $"cannot read the tokenizer {path}: {error.Message} Make one with `habla tokenizer train`, or name another file.", error);
        }
    }

    /// <summary>The file that holds the tokenizer of a model's folder.</summary>
    private static string InFolder(string folder)
    {
        string whole = Path.Combine(folder, "tokenizer.json"), vocabulary = Path.Combine(folder, Gpt2Files.VocabularyName);
        return File.Exists(vocabulary) && !File.Exists(whole) ? vocabulary : whole;
    }

    private static Tokenizer Read(JsonElement file, byte[] bytes, string path)
    {
        if (Gpt2Files.IsVocabulary(file))
        {
            return Gpt2Files.Read(file, path);
        }

        JsonElement model = TokenizerJson.Required(file, "model", path);
        string type = model.TryGetProperty("type", out JsonElement named) ? named.GetString() ?? "" : "BPE";
        if (type != "BPE")
        {
            throw TokenizerJson.Damaged(path, $"its model is {type}, expected BPE");
        }

        return ByteLevelTokenizerFile.IsIn(file)
            ? ByteLevelTokenizerFile.Read(file, bytes, path)
            : CharacterTokenizerFile.Read(file, bytes, path);
    }
}
