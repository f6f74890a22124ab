using System.Text.Json;

namespace Habla.Tokenization;

/// <summary>The token that a file's post-processor puts before every text, as Llama 3's template does.</summary>
internal static class TextBeginning
{
    /// <summary>Reads which token that is.</summary>
    /// <param name="file">The file.</param>
    /// <param name="added">Its added tokens.</param>
    /// <param name="path">How messages call it.</param>
    /// <returns>The token's id; null where nothing is put before a text.</returns>
    /// <exception cref="InvalidInputException">The post-processor does anything else to a text.</exception>
    public static int? Read(JsonElement file, IReadOnlyList<AddedToken> added, string path)
    {
        if (!TokenizerJson.Asks(file, "post_processor"))
        {
            return null;
        }

        JsonElement processor = file.GetProperty("post_processor");
        JsonElement[] steps = TokenizerJson.TypeOf(processor) == "Sequence"
            ? [.. TokenizerJson.Required(processor, "processors", path).EnumerateArray()]
            : [processor];
        JsonElement[] others = [.. steps.Where(step => TokenizerJson.TypeOf(step) != "ByteLevel")]; // which changes offsets alone
        return others switch
        {
            [] => null,
            [var template] when TokenizerJson.TypeOf(template) == "TemplateProcessing" => OfTemplate(template, added, path),
            _ => throw Refused(processor, path),
        };
    }

    /// <summary>Only what happens to a single text matters: pairs of texts are not made here.</summary>
    private static int? OfTemplate(JsonElement template, IReadOnlyList<AddedToken> added, string path)
    {
        JsonElement[] parts = template.TryGetProperty("single", out JsonElement single) && single.ValueKind == JsonValueKind.Array
            ? [.. single.EnumerateArray()]
            : [];
        if (parts is not ([_] or [_, _]) || !parts[^1].TryGetProperty("Sequence", out _))
        {
            throw Refused(template, path);
        }

        if (parts.Length == 1)
        {
            return null;
        }

        string name = parts[0].TryGetProperty("SpecialToken", out JsonElement token)
            ? TokenizerJson.Required(token, "id", path).GetString() ?? ""
            : throw Refused(template, path);
        int[] ids = template.TryGetProperty("special_tokens", out JsonElement tokens) && tokens.TryGetProperty(name, out JsonElement known)
            ? [.. TokenizerJson.Required(known, "ids", path).EnumerateArray().Select(id => id.GetInt32())]
            : throw Refused(template, path);
        return ids is [var begin] && added.Any(one => one.Id == begin) ? begin : throw Refused(template, path);
    }

    private static InvalidInputException Refused(JsonElement processor, string path) => TokenizerJson.Damaged(
        path, $"its 'post_processor' is {processor.GetRawText().ReplaceLineEndings(" ")}; Habla can put one added token before a text "
        + "and do nothing else to it");
}
