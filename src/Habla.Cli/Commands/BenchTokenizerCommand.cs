using System.CommandLine;
using Habla.Benchmarks;
using Habla.BytePairs;
using Habla.Tracking;

namespace Habla.Cli.Commands;

/// <summary>habla bench tokenizer: training and using a byte-level tokenizer.</summary>
internal static class BenchTokenizerCommand
{
    private const int LongWord = 1_000_000;

    public static Command Create()
    {
        Option<string[]> input = new("--input") { Description = "a text file to train on and encode; may be repeated; default none" };
        Option<int> vocabulary = Whole("--vocab-size", "tokens to learn from each file", 4096);
        Option<double> generated = CommonOptions.Number("--generated-mb", "how much generated text to train on; 0 for none", 100);
        Option<int> generatedVocabulary = Whole("--generated-vocab-size", "tokens to learn from the generated text", 32768);
        Option<double> seconds = CommonOptions.Number("--seconds", "how long to encode each text", 3);
        Option<int> threads = CommonOptions.Threads();
        Option<string> pattern = new("--pattern") { Description = "gpt4 or gpt2", DefaultValueFactory = _ => SplitPattern.Gpt4.Name };
        pattern.AcceptOnlyFromAmong([.. SplitPattern.All.Select(one => one.Name)]);
        Option<bool> json = CommonOptions.Json();
        var command = new Command("tokenizer", "training a byte-level tokenizer, and encoding with it")
        {
            input, vocabulary, generated, generatedVocabulary, seconds, threads, pattern, json,
        };
        command.SetAction(parsed =>
        {
            (string[] files, double megabytes) = (parsed.GetValue(input) ?? [], parsed.GetValue(generated));
            BenchStepCommand.RequirePositive("--seconds", parsed.GetValue(seconds));
            if (files.Length == 0 || megabytes != 0)
            {
                BenchStepCommand.RequirePositive("--generated-mb", megabytes);
            }

            var benchmark = new TokenizerBenchmark(
                SplitPattern.Named(parsed.GetValue(pattern)!)!, parsed.GetValue(threads), parsed.GetValue(seconds));
            List<TokenizerMeasurement> texts = [.. files.Select(file => Told(benchmark.MeasureFile(file, parsed.GetValue(vocabulary))))];
            if (megabytes > 0)
            {
                texts.Add(Told(benchmark.MeasureGenerated(megabytes, parsed.GetValue(generatedVocabulary))));
            }

            IReadOnlyList<LongWordMeasurement> words = benchmark.MeasureLongWords(LongWord);
            foreach (LongWordMeasurement word in words)
            {
                FormattableString time = $"{word.Seconds:0.000} s ({word.MbPerS:0.0} MB/s), twice as long {word.DoubleSeconds:0.000} s";
                Terminal.Say($"a word of {word.Bytes:N0} bytes, {word.Word}: ", time);
            }

            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(new TokenizerReport(Hardware.Current, texts, words, Hardware.PeakMemoryMb()));
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Option<int> Whole(string name, string description, int fallback) =>
        new(name) { Description = description, DefaultValueFactory = _ => fallback };

    private static TokenizerMeasurement Told(TokenizerMeasurement text)
    {
        FormattableString size = $"{text.Text}: {text.Bytes / 1e6:0.0} MB, {text.DistinctWords:N0} distinct words, ";
        FormattableString train =
            $"{text.VocabularySize:N0} tokens in {text.TrainS:0.00} s ({text.CountS:0.00} counting, {text.MergeS:0.00} merging), ";
        FormattableString use =
            $"{text.TrainPeakRssMb:0} MB; encodes {text.EncodeMbPerSPerCore:0.0} MB/s of a core, {text.BytesPerToken:0.00} bytes a token";
        Terminal.Say(size, train, use);
        return text;
    }

    /// <summary>What --json writes.</summary>
    private sealed record TokenizerReport(
        Hardware Machine, IReadOnlyList<TokenizerMeasurement> Texts, IReadOnlyList<LongWordMeasurement> LongWords, double PeakRssMb);
}
