using Habla.Tokenization;

namespace Habla.Interchange.HuggingFace;

/// <summary>What tokenizer_config.json, beside a tokenizer, says of how its texts begin.</summary>
internal static class TokenizerSettings
{
    public const string FileName = "tokenizer_config.json";

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
        string file = Path.Combine(folder, FileName);
        bool usual = tokenizer.BeginsTexts || tokenizer.BosId != tokenizer.EosId;
        return tokenizer.BosId >= 0 && (File.Exists(file) ? ConfigFields.Read(file).Flag("add_bos_token", usual) : usual);
    }
}
