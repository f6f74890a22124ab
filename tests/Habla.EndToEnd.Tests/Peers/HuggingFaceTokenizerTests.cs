using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Habla.Tests;
using Habla.Tests.Tokenization;
using Habla.Tokenization;

namespace Habla.EndToEnd.Tests.Peers;

/// <summary>Hugging Face's own tokenizer reads the file that Habla wrote, and gives the same ids on text that is hard to cut.</summary>
/// <remarks>
/// Two characters are left out, on which that program in JavaScript differs from the one in Rust that the format is of: to the former
/// U+FEFF is white space and U+0085 is not; to the latter, and to Habla, it is the other way round.
/// </remarks>
public sealed class HuggingFaceTokenizerTests : IDisposable
{
    private const string Peer = "tokenizers";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NodePeerTheory(Peer)]
    [InlineData("gpt4", 1500)]
    [InlineData("gpt2", 700)]
    [InlineData("gpt4", 259)]
    public void The_same_ids_on_awkward_text(string pattern, int vocabularySize)
    {
        string file = Train("bytes", pattern, vocabularySize);
        string[] texts = AwkwardTexts(42);
        Tokenizer tokenizer = Tokenizer.Load(file);
        AssertSame(texts, text => tokenizer.Encode(text), Ask(file, texts), decodes: true);
    }

    [NodePeerTheory(Peer)]
    [InlineData("bytes")]
    [InlineData("chars")]
    public void The_same_ids_where_names_of_special_tokens_are_allowed(string start)
    {
        string file = Train(start, "gpt4", 400);
        string[] texts = ["<bos>Hello there<eos>", "<eos><eos>", "a <pad>b", "<bo<bos>s>", "<eos", "no names at all"];
        Tokenizer tokenizer = Tokenizer.Load(file);
        AssertSame(texts, text => tokenizer.Encode(text, allowSpecial: true), Ask(file, texts), decodes: start == "bytes");
    }

    [NodePeerTheory(Peer)]
    [InlineData(300)]
    public void The_same_ids_over_characters(int vocabularySize)
    {
        string file = Train("chars", "gpt4", vocabularySize);
        string[] texts = [.. File.ReadAllLines(TrainingFile).Where(line => line.Length > 0).Take(200)];
        Tokenizer tokenizer = Tokenizer.Load(file);
        AssertSame(texts, text => tokenizer.Encode(text), Ask(file, texts), decodes: true);
    }

    [NodePeerTheory(Peer)]
    [InlineData(true)]
    [InlineData(false)]
    public void The_same_ids_with_a_tokenizer_of_llama_3s_shape(bool takesWholeWords)
    {
        JsonObject json = Llama3File.Make(File.ReadAllText(TrainingFile), 700);
        json["model"]!["ignore_merges"] = takesWholeWords;
        string file = _folder.In("llama3.json");
        File.WriteAllText(file, json.ToJsonString());
        string[] texts =
            [.. AwkwardTexts(7), string.Concat(Llama3File.Whole), .. Llama3File.Whole, "zebras are extraordinarily zebra 42 142"];
        Tokenizer tokenizer = Tokenizer.Load(file);
        AssertSame(texts, text => tokenizer.Encode(text), Ask(file, texts), decodes: true);
        Assert.Equal(takesWholeWords, tokenizer.Encode(" extraordinarily").Ids.Length == 1);

        // With the tokens that the file itself adds: one, which is the tokenizer's own to begin texts.
        Assert.All(
            texts.Zip(Ask(file, texts, addsSpecial: true)),
            pair => Assert.Equal([tokenizer.BosId, .. tokenizer.Encode(pair.First).Ids], pair.Second.Ids));
    }

    private static string TrainingFile => Path.Combine(Repository.Root, "ARCHITECTURE.md");

    private static void AssertSame(
        string[] texts, Func<string, EncodedText> encode, List<(int[] Ids, string Text)> theirs, bool decodes)
    {
        Assert.Equal(texts.Length, theirs.Count);
        for (int i = 0; i < texts.Length; i++)
        {
            int[] ours = encode(texts[i]).Ids;
            Assert.True(ours.SequenceEqual(theirs[i].Ids), $"{Escaped(texts[i])}\nours {Start(ours)}\ntheirs {Start(theirs[i].Ids)}");
            if (decodes)
            {
                Assert.Equal(texts[i], theirs[i].Text);
            }
        }
    }

    private static string Start(int[] ids) => string.Join(' ', ids.Take(60));

    private static string Escaped(string text) => string.Concat(text.Take(200).Select(letter => letter is >= ' ' and <= '~'
        ? letter.ToString()
        : string.Create(CultureInfo.InvariantCulture, $"\\u{(int)letter:X4}")));

    private string Train(string start, string pattern, int vocabularySize)
    {
        string file = _folder.In($"{start}-{pattern}-{vocabularySize}.json");
        string[] bytes = start == "bytes" ? ["--pattern", pattern] : [];
        HablaProcess.Run(
            [
                "tokenizer", "train", "--kind", "bpe", "--base", start, "--vocab-size", $"{vocabularySize}", "--input", TrainingFile,
                "--out", file, .. bytes,
            ]).Expect(0);
        return file;
    }

    private List<(int[] Ids, string Text)> Ask(string tokenizer, string[] texts, bool addsSpecial = false)
    {
        string question = _folder.In("question.json");
        File.WriteAllText(question, JsonSerializer.Serialize(new { tokenizer, texts, adds_special = addsSpecial }));
        ProcessResult answer = NodePeer.Run(Peer, "encode.mjs", question).Expect(0);
        return
        [
            .. answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
            {
                using JsonDocument document = JsonDocument.Parse(line);
                return (document.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray(),
                    document.RootElement.GetProperty("text").GetString()!);
            }),
        ];
    }

    /// <summary>Texts written by hand, and thousands of characters drawn from everything that patterns tell apart.</summary>
    private static string[] AwkwardTexts(int seed)
    {
        string[] parts =
        [
            " ", "  ", "\n", "\r\n", "\t", "\u00A0", "\u3000", "\u2028", "\v", "a", "Z", "word", "é", "e\u0301", "\u0301", "ñ", "ß", "Ω",
            "я", "字", "漢字", "かな", "한국", "עברית", "عربى", "हिन्दी", "ก็", "👩‍👩‍👧", "🏽", "😀", "\u200D", "\uFE0F", "𝔘", "𐐷", "1", "42",
            "1234567", "٣", "Ⅷ", "²", "½", "'", "'s", "'S", "'LL", "'ve", "’t", "-", "--", "...", "!?", "_", "$", "€", "\"", "\0", "\u0007",
            "\u001B[31m", "\u007F", "\u0080", "\u202E", "<|x|>", "http://a.b/c?d=e", "{}", "\\n",
        ];
        var random = new Habla.Tensors.SeededRandom((ulong)seed, Habla.Tensors.RandomPurpose.Sampling, 0);
        ulong drawn = 0;
        int Next(int below) => random.Below(drawn++, below);
        string Drawn(int length)
        {
            var text = new StringBuilder();
            for (int i = 0; i < length; i++)
            {
                text.Append(parts[Next(parts.Length)]);
            }

            return text.ToString();
        }

        return
        [
            "Hello world", "don't WON'T I'll they'VE he'd O'Reilly ''s", "   leading", "trailing   ", "a  b   c\n\n\n  d\r\n\r\n e",
            "In 2024, 3.14159 and 1000000 and 12345678901234567890", "naïve café ñandú Ünïcödé", "שלום עולם مرحبا بالعالم",
            "你好,世界。こんにちは世界!안녕하세요", "👨‍👩‍👧‍👦🏳️‍🌈🇪🇸 flags", "\0\u0001\u0002\u001F\u007F", "tab\tand\vvertical\fform",
            "for (int i = 0; i < n; i++) { x[i] += y->z; } // comment\n\t\treturn 0;\n",
            new string('a', 3000), new string(' ', 3000), new string(' ', 999) + "x", new string('\n', 500), new string('!', 2000),
            new string('7', 2000), string.Concat(Enumerable.Repeat("字", 700)), string.Concat(Enumerable.Repeat("a\u0301", 700)),
            string.Concat(Enumerable.Repeat("ab", 2000)), .. Enumerable.Range(0, 120).Select(i => Drawn(1 + (i * 3))),
        ];
    }
}
