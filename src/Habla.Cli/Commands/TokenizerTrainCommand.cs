using System.CommandLine;
using Habla.BytePairs;
using Habla.Data;
using Habla.Data.Shards;
using Habla.Tokenization;

namespace Habla.Cli.Commands;

/// <summary>habla tokenizer train: learns a vocabulary from text.</summary>
internal static class TokenizerTrainCommand
{
    public static Command Create()
    {
        Option<string> kind = new("--kind")
        {
            Description = "char: a token a character; bpe: frequent neighbours are joined", Required = true,
        };
        kind.AcceptOnlyFromAmong("char", "bpe");
        Option<string> start = new("--base") { Description = "what bpe starts from", DefaultValueFactory = _ => "chars" };
        start.AcceptOnlyFromAmong("chars", "bytes");
        Option<string?> pattern = new("--pattern")
        {
            Description = "how text is cut into words before bytes are joined, as GPT-4's or GPT-2's tokenizer does [default: gpt4]",
        };
        pattern.AcceptOnlyFromAmong("gpt2", "gpt4");
        Option<int?> size = new("--vocab-size")
        {
            Description = "tokens in all, exactly; char takes what the text has when this is left out",
        };
        Option<string[]> input = new("--input")
        {
            Description = "text files, JSON Lines (.jsonl) with a sentence pair a row, or what habla ingest wrote (bytes only)",
            Required = true,
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
            kind, start, pattern, size, input, include, fit, reserved, noSpecial, output, json,
        };
        var shards = new ShardOptions(command, "--shards", input);
        command.SetAction(parsed =>
        {
            var options = new TokenizerOptions
            {
                Kind = parsed.GetValue(kind)!,
                Base = parsed.GetValue(start)!,
                FitTokens = parsed.GetValue(fit),
                Reserved = parsed.GetValue(reserved),
                SpecialTokens = !parsed.GetValue(noSpecial),
            };
            string[] files = parsed.GetValue(input)!;
            bool contextSentences = parsed.GetValue(include) == "all";
            if (contextSentences && shards.AreGiven(parsed))
            {
                throw new InvalidInputException("--include all: it chooses rows of JSON Lines of sentences, which --shards does not take.");
            }

            if (options.Base == "bytes")
            {
                options = options with
                {
                    Pattern = parsed.GetValue(pattern) ?? options.Pattern, VocabularySize = SizeOf(parsed.GetValue(size)),
                };
                return OverBytes(parsed, options, shards, parsed.GetValue(output)!, parsed.GetValue(json), (trainer, read) =>
                    read.Count(trainer, files, contextSentences));
            }

            if (shards.AreGiven(parsed))
            {
                throw new InvalidInputException("--shards goes with --base bytes; for other tokenizers: habla tokenizer encode --out.");
            }

            if (parsed.GetValue(pattern) is not null)
            {
                throw new InvalidInputException("--pattern: it cuts text before bytes are joined; it goes with --base bytes.");
            }

            TrainingText text = TrainingTextFiles.Read(files, contextSentences);
            int? given = parsed.GetValue(size);
            int vocabularySize = given is null && options.Kind == "char"
                ? TokenizerTrainer.CharacterVocabularySize(options, text)
                : SizeOf(given);
            Tokenizer tokenizer = TokenizerTrainer.Train(options with { VocabularySize = vocabularySize }, text);
            string path = parsed.GetValue(output)!;
            tokenizer.Save(path);
            Report(path, tokenizer, text, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    private static int SizeOf(int? given) => given ?? throw new InvalidInputException(
        "--vocab-size: missing; bpe needs to know how many tokens to make, for example --vocab-size 64.");

    /// <summary>
    /// The text is read a little at a time: memory grows with its distinct words alone. Where shards are written as well, what is for
    /// validation is found first, and nothing is learned from it.
    /// </summary>
    private static int OverBytes(
        ParseResult parsed, TokenizerOptions options, ShardOptions shards, string path, bool json,
        Action<ByteLevelTrainer, TrainingBytes> countAll)
    {
        bool writesShards = shards.AreGiven(parsed);
        DocumentSplit? split = writesShards ? shards.Split(parsed) : null;
        var read = new TrainingBytes();
        long clock = TimeProvider.System.GetTimestamp();
        ByteLevelTokenizer tokenizer;
        using (var display = new TokenizerTrainDisplay())
        {
            tokenizer = TokenizerTrainer.OverBytes(
                options,
                trainer =>
                {
                    if (writesShards)
                    {
                        read.Count(trainer, shards.Texts(parsed).Where((_, i) => split?.IsValidation(i) != true).Select(text => text.Text));
                    }
                    else
                    {
                        countAll(trainer, read);
                    }
                },
                display.Show);
        }

        double seconds = TimeProvider.System.GetElapsedTime(clock).TotalSeconds;
        tokenizer.Save(path);
        var report = new
        {
            Path = path,
            VocabSize = tokenizer.VocabularySize,
            Merges = tokenizer.MergeCount,
            read.Documents,
            read.Bytes,
            read.DistinctWords,
            Seconds = Math.Round(seconds, 2),
            Sha256 = tokenizer.Fingerprint,
        };
        Terminal.Say(
            $"{path}: {report.VocabSize} tokens, {report.Merges} of them merges; ",
            $"{report.Documents} documents of {report.Bytes} bytes in all, {report.DistinctWords} distinct words, {seconds:0.0} s; ",
            $"sha256 {report.Sha256[..12]}");
        if (writesShards)
        {
            return shards.Write(parsed, tokenizer, json, split);
        }

        if (json)
        {
            Terminal.WriteJson(report);
        }

        return ExitCode.Done;
    }

    private static void Report(string path, Tokenizer tokenizer, TrainingText text, bool json)
    {
        int[] lengths = [.. text.Lines.Select(line => tokenizer.Encode(line).Ids.Length + (tokenizer.HasSpecialTokens ? 2 : 0))];
        var report = new
        {
            Path = path,
            VocabSize = tokenizer.VocabularySize,
            Merges = tokenizer.MergeCount,
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
}
