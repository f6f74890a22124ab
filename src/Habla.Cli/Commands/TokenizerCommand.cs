using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Habla.Data;
using Habla.Storage;
using Habla.Tokenization;
using Spectre.Console;

namespace Habla.Cli.Commands;

/// <summary>habla tokenizer train|encode|decode|show|shards: text to token ids and back.</summary>
internal static class TokenizerCommand
{
    private static readonly string[] _colours =
        ["black on deepskyblue1", "black on gold1", "black on palegreen1", "black on plum1", "black on lightsalmon1"];

    public static Command Create() => new("tokenizer", "text to token ids and back")
    {
        Train(),
        Encode(),
        Decode(),
        Show(),
        TokenizerShardsCommand.Create(),
    };

    private static Command Train()
    {
        Option<string> kind = new("--kind")
        {
            Description = "char: a token a character; bpe: frequent neighbours are joined", Required = true,
        };
        kind.AcceptOnlyFromAmong("char", "bpe");
        Option<string> start = new("--base") { Description = "what bpe starts from", DefaultValueFactory = _ => "chars" };
        start.AcceptOnlyFromAmong("chars");
        Option<int?> size = new("--vocab-size")
        {
            Description = "tokens in all, exactly; char takes what the text has when this is left out",
        };
        Option<string[]> input = new("--input")
        {
            Description = "text files, or JSON Lines (.jsonl) with a sentence pair a row", Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        Option<string> include = new("--include")
        {
            Description = "rows of JSON Lines to learn from: forms, or all (context sentences too)", DefaultValueFactory = _ => "forms",
        };
        include.AcceptOnlyFromAmong("forms", "all");
        Option<int?> fit = new("--fit-tokens")
        {
            Description = "sequence length that bpe aims for; 0 counts all lines alike [default: 30 for JSON Lines, 0 for text]",
        };
        Option<string?> reserved = new("--reserve")
        {
            Description = "characters that get a token in any case [default: the verb alphabet for JSON Lines, none for text]",
        };
        Option<bool> noSpecial = new("--no-special") { Description = "no <pad> <bos> <eos> <unk>; unknown characters are then an error" };
        Option<string> output = new("--out") { Description = "the tokenizer.json to write", Required = true };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("train", "learn a vocabulary from text and write tokenizer.json")
        {
            kind, start, size, input, include, fit, reserved, noSpecial, output, json,
        };
        command.SetAction(parsed =>
        {
            TrainingText text = TrainingTextFiles.Read(parsed.GetValue(input)!, parsed.GetValue(include) == "all");
            var options = new TokenizerOptions
            {
                Kind = parsed.GetValue(kind)!,
                Base = parsed.GetValue(start)!,
                FitTokens = parsed.GetValue(fit),
                Reserved = parsed.GetValue(reserved),
                SpecialTokens = !parsed.GetValue(noSpecial),
            };
            int vocabularySize = parsed.GetValue(size)
                ?? (options.Kind == "char" ? TokenizerTrainer.CharacterVocabularySize(options, text) : throw new InvalidInputException(
                    "--vocab-size: missing; bpe needs to know how many tokens to make, for example --vocab-size 64."));
            Tokenizer tokenizer = TokenizerTrainer.Train(options with { VocabularySize = vocabularySize }, text);
            string path = parsed.GetValue(output)!;
            tokenizer.Save(path);
            Report(path, tokenizer, text, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Encode()
    {
        Option<string> path = TokenizerOption();
        Option<string?> file = new("--file") { Description = "a text file to encode whole, instead of TEXT" };
        Argument<string?> text = OptionalText("the text to encode");
        Option<bool> json = CommonOptions.Json();
        var command = new Command("encode", "text to ids, or documents to token shards (--out)") { path, file, text, json };
        var shards = new ShardOptions(command);
        command.SetAction(parsed =>
        {
            Tokenizer tokenizer = Tokenizer.Load(parsed.GetValue(path)!);
            if (shards.AreGiven(parsed))
            {
                return shards.Write(parsed, tokenizer, parsed.GetValue(json));
            }

            EncodedText encoded = tokenizer.Encode(Given(parsed.GetValue(text), parsed.GetValue(file), "TEXT"));
            WarnOfUnknown(encoded);
            WriteIds(tokenizer, encoded, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Decode()
    {
        Option<string> path = TokenizerOption();
        Option<string?> file = new("--file") { Description = "a file of ids, or what encode --json wrote, instead of IDS" };
        Argument<string[]> ids = new("IDS") { Description = "ids with spaces or commas between them", Arity = ArgumentArity.ZeroOrMore };
        Option<bool> special = new("--special") { Description = "write the names of special tokens instead of leaving them out" };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("decode", "ids to text") { path, file, ids, special, json };
        command.SetAction(parsed =>
        {
            Tokenizer tokenizer = Tokenizer.Load(parsed.GetValue(path)!);
            string? given = parsed.GetValue(ids) is { Length: > 0 } words ? string.Join(' ', words) : null;
            int[] chosen = ReadIds(Given(given, parsed.GetValue(file), "IDS"), tokenizer.VocabularySize);
            string text = tokenizer.Decode(chosen, skipSpecial: !parsed.GetValue(special));
            Console.Out.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(new { text }, JsonFormat.Line) : text);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Show()
    {
        Option<string> path = TokenizerOption();
        Option<string?> file = new("--file") { Description = "a text file to show, instead of TEXT" };
        Argument<string?> text = OptionalText("the text to show");
        Option<bool> json = CommonOptions.Json();
        var command = new Command("show", "the pieces of a text in colours, their ids beneath") { path, file, text, json };
        command.SetAction(parsed =>
        {
            Tokenizer tokenizer = Tokenizer.Load(parsed.GetValue(path)!);
            EncodedText encoded = tokenizer.Encode(Given(parsed.GetValue(text), parsed.GetValue(file), "TEXT"));
            Draw(tokenizer, encoded);
            WarnOfUnknown(encoded);
            if (parsed.GetValue(json))
            {
                WriteIds(tokenizer, encoded, json: true);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Report(string path, Tokenizer tokenizer, TrainingText text, bool json)
    {
        int[] lengths = [.. text.Lines.Select(line => tokenizer.Encode(line).Ids.Length + (tokenizer.HasSpecialTokens ? 2 : 0))];
        var report = new
        {
            Path = path,
            VocabSize = tokenizer.VocabularySize,
            Merges = tokenizer.Merges.Count,
            Lines = lengths.Length,
            Characters = text.Lines.Sum(line => (long)line.Length),
            LongestLineTokens = lengths.Max(),
            MeanLineTokens = Math.Round(lengths.Average(), 2),
            Sha256 = tokenizer.Fingerprint,
        };
        Terminal.Say(
            $"{path}: {report.VocabSize} tokens, {report.Merges} of them merges; ",
            $"{report.Lines} training lines of {report.MeanLineTokens} tokens on average, {report.LongestLineTokens} at most; ",
            $"sha256 {report.Sha256[..12]}");
        if (json)
        {
            Terminal.WriteJson(report);
        }
    }

    private static void WriteIds(Tokenizer tokenizer, EncodedText encoded, bool json)
    {
        var result = new { encoded.Ids, Tokens = encoded.Ids.Select(id => tokenizer.Pieces[id]), encoded.UnknownCount };
        Console.Out.WriteLine(json ? JsonSerializer.Serialize(result, JsonFormat.Line) : string.Join(' ', encoded.Ids));
    }

    private static void WarnOfUnknown(EncodedText encoded)
    {
        if (encoded.UnknownCount > 0)
        {
            string what = encoded.UnknownCount == 1 ? "1 character is" : $"{encoded.UnknownCount} characters are";
            Console.Error.WriteLine($"{what} not in the tokenizer's alphabet and became {SpecialTokens.Unknown}");
        }
    }

    /// <summary>Rows of coloured pieces with a row of ids beneath each, as wide as the terminal allows.</summary>
    private static void Draw(Tokenizer tokenizer, EncodedText encoded)
    {
        IAnsiConsole console = Terminal.Error;
        string pieces = "", ids = "";
        int used = 0;
        for (int i = 0; i < encoded.Ids.Length; i++)
        {
            string piece = Visible(tokenizer.Pieces[encoded.Ids[i]]), id = encoded.Ids[i].ToString(CultureInfo.InvariantCulture);
            int width = Math.Max(piece.Length, id.Length);
            if (used > 0 && used + width + 1 > console.Profile.Width)
            {
                console.MarkupLine(pieces);
                console.MarkupLine(ids);
                (pieces, ids, used) = ("", "", 0);
            }

            pieces += $"[{_colours[i % _colours.Length]}]{Markup.Escape(piece.PadRight(width))}[/] ";
            ids += $"[grey]{id.PadRight(width)}[/] ";
            used += width + 1;
        }

        console.MarkupLine(pieces);
        console.MarkupLine(ids);
    }

    /// <summary>Spaces and line ends as marks that can be seen.</summary>
    private static string Visible(string piece) =>
        piece.Replace(' ', '␣').Replace("\n", "↵", StringComparison.Ordinal).Replace("\r", "␍", StringComparison.Ordinal)
            .Replace("\t", "⇥", StringComparison.Ordinal);

    private static string Given(string? text, string? file, string name) => (text, file) switch
    {
        (null, { } path) => TextFile.Read(path),
        ({ } given, null) => given,
        (null, null) => throw new InvalidInputException($"nothing to work on; give {name} or --file FILE."),
        _ => throw new InvalidInputException($"give {name} or --file, not both."),
    };

    private static int[] ReadIds(string text, int vocabularySize)
    {
        int[] ids = text.TrimStart().StartsWith('{') ? IdsOfJson(text) : [.. text.Split([' ', ',', '\n', '\r', '\t', '[', ']'],
            StringSplitOptions.RemoveEmptyEntries).Select(ReadId)];
        return Array.Find(ids, id => id < 0 || id >= vocabularySize) is var stranger && stranger != 0
            ? throw new InvalidInputException($"{stranger} is no id of this tokenizer; expected numbers from 0 to {vocabularySize - 1}.")
            : ids;
    }

    private static int ReadId(string word) =>
        int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int id)
            ? id
            : throw new InvalidInputException($"'{word}' is not a token id; expected whole numbers with spaces or commas between them.");

    private static int[] IdsOfJson(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return [.. document.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidInputException("the ids are not readable; expected an object such as {\"ids\": [1, 5, 2]}.", error);
        }
    }

    private static Option<string> TokenizerOption() => new("--tokenizer") { Description = "a tokenizer.json", Required = true };

    private static Argument<string?> OptionalText(string meaning) =>
        new("TEXT") { Description = meaning, Arity = ArgumentArity.ZeroOrOne };
}
