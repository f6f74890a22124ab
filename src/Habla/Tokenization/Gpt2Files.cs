using System.Text;
using System.Text.Json;
using Habla.BytePairs;

namespace Habla.Tokenization;

/// <summary>
/// GPT-2's own files: <c>vocab.json</c> with the id of each piece, and beside it <c>merges.txt</c> with a pair a line. The token
/// <c>&lt;|endoftext|&gt;</c>, which no merge leads to, stands for no text.
/// </summary>
internal static class Gpt2Files
{
    public const string VocabularyName = "vocab.json";
    public const string MergesName = "merges.txt";

    private const string EndOfText = "<|endoftext|>";

    /// <summary>Whether a JSON document is such a vocabulary: an object of nothing but numbers.</summary>
    public static bool IsVocabulary(JsonElement file) =>
        file.EnumerateObject().Any() && file.EnumerateObject().All(entry => entry.Value.ValueKind == JsonValueKind.Number);

    public static ByteLevelTokenizer Read(JsonElement vocabulary, string path)
    {
        string merges = Path.Combine(Path.GetDirectoryName(path) ?? "", MergesName);
        if (!File.Exists(merges))
        {
            throw TokenizerJson.Damaged(path, $"it is a vocabulary without rules, and there is no {merges} beside it");
        }

        (string Piece, int Id)[] pieces = [.. TokenizerJson.ReadVocabulary(vocabulary, path)];
        AddedToken[] added = [.. pieces.Where(entry => entry.Piece == EndOfText).Select(entry => new AddedToken(entry.Id, EndOfText))];
        var parts = new ByteLevelParts(path, added);
        foreach ((string piece, int id) in pieces)
        {
            parts.AddPiece(piece, id);
        }

        string[] lines = Encoding.UTF8.GetString(TokenizerFile.ReadBytes(merges)).Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd('\r');
            if (line.Length == 0 || (i == 0 && line.StartsWith("#version", StringComparison.Ordinal)))
            {
                continue;
            }

            string[] sides = line.Split(' ');
            if (sides.Length != 2 || sides.Any(side => side.Length == 0))
            {
                throw TokenizerJson.Damaged(merges, $"line {i + 1}, \"{line}\", is not two pieces with a space between them");
            }

            parts.AddMerge(sides[0], sides[1]);
        }

        return new ByteLevelTokenizer(parts.ToVocabulary(), SplitPattern.Gpt2, added);
    }
}
