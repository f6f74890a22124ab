using System.Text;
using System.Text.Json.Nodes;
using Habla.BytePairs;
using Habla.Tokenization;

namespace Habla.Tests.Tokenization;

/// <summary>
/// A small tokenizer.json of the shape of Llama 3's: bytes and joined pieces first, then whole words that no rule leads to, then special
/// tokens; for each piece a rule for every way to make it of two; and a template that begins a text.
/// </summary>
internal static class Llama3File
{
    public const string Begin = "<|begin_of_text|>", End = "<|end_of_text|>";

    /// <summary>Words, with the space before them, that stand in the vocabulary and that no rule leads to.</summary>
    public static IReadOnlyList<string> Whole { get; } =
        [" extraordinarily", "zebra", " 漢字", " ñandú", "\n\n\n\n\n", " a-word-of-more-than-24-bytes", "42"];

    /// <summary>The file as JSON, to be changed before it is written.</summary>
    /// <param name="text">What the pieces are learned from.</param>
    /// <param name="joined">How many pieces are learned.</param>
    public static JsonObject Make(string text, int joined)
    {
        var learned = (ByteLevelTokenizer)TokenizerTrainer.Train(
            new TokenizerOptions { Base = "bytes", Pattern = "gpt4", VocabularySize = 259 + joined }, new TrainingText([text]));
        string[] pieces =
        [
            .. ByteAlphabet.Gpt2Order.Select(value => ByteAlphabet.Write([value])),
            .. Enumerable.Range(259, joined).Select(id => ByteAlphabet.Write(learned.BytesOf(id))),
        ];
        HashSet<string> known = [.. pieces];
        string[] merges =
        [
            .. pieces.Skip(256)
                .SelectMany(piece => Enumerable.Range(1, piece.Length - 1).Select(at => (Left: piece[..at], Right: piece[at..])))
                .Where(pair => known.Contains(pair.Left) && known.Contains(pair.Right)).Select(pair => $"{pair.Left} {pair.Right}"),
        ];
        IEnumerable<string> whole = Whole.Select(word => ByteAlphabet.Write(Encoding.UTF8.GetBytes(word)));
        string[] all = [.. pieces, .. whole.Where(piece => !known.Contains(piece))];
        string[] special = [Begin, End, "<|reserved_special_token_0|>", "<|eot_id|>"];
        return new JsonObject
        {
            ["version"] = "1.0", ["truncation"] = null, ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. special.Select((name, i) => Added(all.Length + i, name))]),
            ["normalizer"] = null,
            ["pre_tokenizer"] = JsonNode.Parse("""
                {"type": "Sequence", "pretokenizers": [
                  {"type": "Split", "behavior": "Isolated", "invert": false, "pattern": {"Regex": "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"}},
                  {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]}
                """),
            ["post_processor"] = PostProcessor(all.Length),
            ["decoder"] = JsonNode.Parse("""{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}"""),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE", ["dropout"] = null, ["unk_token"] = null, ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null, ["fuse_unk"] = false, ["byte_fallback"] = false, ["ignore_merges"] = true,
                ["vocab"] = new JsonObject(all.Select((piece, id) => KeyValuePair.Create(piece, (JsonNode?)id))),
                ["merges"] = new JsonArray([.. merges.Select(merge => (JsonNode)merge)]),
            },
        };
    }

    private static JsonObject Added(int id, string name) => new()
    {
        ["id"] = id, ["content"] = name, ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false,
        ["special"] = true,
    };

    private static JsonNode PostProcessor(int begin) => JsonNode.Parse("""
        {"type": "Sequence", "processors": [
          {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true},
          {"type": "TemplateProcessing",
           "single": [{"SpecialToken": {"id": "BEGIN", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
           "pair": [{"SpecialToken": {"id": "BEGIN", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                    {"SpecialToken": {"id": "BEGIN", "type_id": 1}}, {"Sequence": {"id": "B", "type_id": 1}}],
           "special_tokens": {"BEGIN": {"id": "BEGIN", "ids": [ID], "tokens": ["BEGIN"]}}}]}
        """.Replace("BEGIN", Begin, StringComparison.Ordinal).Replace("[ID]", $"[{begin}]", StringComparison.Ordinal))!;
}
