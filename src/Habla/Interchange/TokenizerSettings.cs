using System.Text.Json;
using Habla.Tokenization;

namespace Habla.Interchange;

/// <summary>
/// What tokenizer_config.json, beside a tokenizer, says: which tokens begin and end its texts, and whether one is put before them.
/// </summary>
internal static class TokenizerSettings
{
    public const string FileName = "tokenizer_config.json";

    private const string AddBos = "add_bos_token", Bos = "bos_token", Eos = "eos_token", Pad = "pad_token";

    /// <summary>Reads a tokenizer, and what the settings beside it name.</summary>
    /// <param name="path">The tokenizer's file.</param>
    /// <exception cref="InvalidInputException">A file is missing, damaged, or asks for something that Habla does not do.</exception>
    public static Tokenizer Load(string path)
    {
        var tokenizer = Tokenizer.Load(path);
        if (Read(Path.GetDirectoryName(path)!) is not { } fields)
        {
            return tokenizer;
        }

        SpecialIds special = tokenizer.Special;
        return tokenizer.With(special with
        {
            Bos = tokenizer.BeginsTexts ? special.Bos : Named(fields, Bos, tokenizer, special.Bos), // what the file itself puts there
            Eos = Named(fields, Eos, tokenizer, special.Eos),
            Pad = Named(fields, Pad, tokenizer, special.Pad),
        });
    }

    /// <summary>
    /// Whether texts begin with the tokenizer's token for that: as <c>add_bos_token</c> says, or without it as the tokenizer's own file
    /// says. Where neither does, two tokens for beginning and end were made to be used as such, and GPT-2's one, which stands between
    /// texts, begins nobody's prompt.
    /// </summary>
    /// <param name="folder">The tokenizer's folder.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <exception cref="InvalidInputException">The file is no JSON object, or <c>add_bos_token</c> is neither true nor false.</exception>
    public static bool BeginsText(string folder, Tokenizer tokenizer)
    {
        bool usual = tokenizer.BeginsTexts || tokenizer.BosId != tokenizer.EosId;
        return tokenizer.BosId >= 0 && (Read(folder)?.Flag(AddBos, usual) ?? usual);
    }

    /// <summary>The settings of a model's tokenizer, to be written.</summary>
    /// <param name="portable">The model.</param>
    public static Dictionary<string, object?> Of(PortableModel portable)
    {
        Tokenizer tokenizer = portable.Tokenizer;
        string? Name(int id) => tokenizer.AddedTokens.FirstOrDefault(token => token.Id == id)?.Content;
        return new Dictionary<string, object?>
        {
            [AddBos] = portable.BeginsText, [Bos] = Name(tokenizer.BosId), [Eos] = Name(tokenizer.EosId), [Pad] = Name(tokenizer.PadId),
            ["unk_token"] = Name(tokenizer.UnknownId),
        };
    }

    private static ConfigFields? Read(string folder) =>
        Path.Combine(folder, FileName) is var file && File.Exists(file) ? ConfigFields.Read(file) : null;

    /// <summary>The token that a field names, as a text or as an object with its content; without one, what it was before.</summary>
    private static int Named(ConfigFields fields, string key, Tokenizer tokenizer, int otherwise)
    {
        string name = fields[key] is { ValueKind: JsonValueKind.Object } token
            ? new ConfigFields($"{fields.Path}: {key}", token).Text("content", "")
            : fields.Text(key, "");
        return tokenizer.AddedTokens.FirstOrDefault(token => token.Content == name)?.Id ?? otherwise;
    }
}
