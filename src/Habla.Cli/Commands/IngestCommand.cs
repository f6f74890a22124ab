using System.CommandLine;
using System.Globalization;
using Habla.Extraction;
using Habla.Ingestion;

namespace Habla.Cli.Commands;

/// <summary>habla ingest: from any folder of files to documents.</summary>
internal static class IngestCommand
{
    public static Command Create()
    {
        Argument<string[]> paths = new("PATH")
        {
            Description = "files and folders to read; folders with all that is in them", Arity = ArgumentArity.OneOrMore,
        };
        Option<string> output = CommonOptions.Out("the folder to write documents.jsonl.gz and ingest_report.json to");
        Option<bool> noOcr = new("--no-ocr") { Description = "leave out images, and PDF pages that are pictures" };
        Option<bool> noPdf = new("--no-pdf") { Description = "leave out PDF files" };
        Option<string> language = new("--ocr-lang")
        {
            Description = "the language of pictures, as tesseract names it: eng, spa, eng+spa", DefaultValueFactory = _ => "eng",
        };
        Option<string> field = new("--field")
        {
            Description = "the field of a JSON object that holds its text; dots go deeper: message.text", DefaultValueFactory = _ => "text",
        };
        Option<int?> maxFiles = Whole("--max-files", "read no more files than this, the first in order [default: all]", 1);
        Option<long> maxBytes = Bytes();
        Option<int?> minCharacters = Whole("--min-chars", "leave out texts with fewer characters [default: 10]", 1);
        Option<string[]> include = Globs("--include", "take only files that match, such as '*.md' or 'docs/**'; may be repeated");
        Option<string[]> exclude = Globs("--exclude", "leave out what matches, such as '*.min.js'; may be repeated");
        Option<double> near = Ranged(CommonOptions.Number(
            "--near-duplicates", "drop a text this similar to one before it, 0 to 1; 0 keeps all", 0.8), 0, 1);
        Option<int> threads = CommonOptions.Threads();
        Option<double> timeLimit = Ranged(CommonOptions.Number("--time-limit", "seconds that one file may take", 60), 0.001, 86400);
        Option<int?> memoryLimit = Whole("--memory-limit", "MiB that reading one file may take [default: 1024]", 128);
        Option<bool> json = CommonOptions.Json();
        var command = new Command("ingest", "any folder of files to documents that know where they come from")
        {
            paths, output, noOcr, noPdf, language, field, maxFiles, maxBytes, minCharacters, include, exclude, near, threads, timeLimit,
            memoryLimit, json,
        };
        command.Validators.Add(result =>
        {
            if ((result.GetValue(paths) ?? []).Contains(""))
            {
                result.AddError("PATH is empty; expected a file or a folder");
            }
        });
        command.SetAction(parsed =>
        {
            var extraction = new ExtractionOptions
            {
                Ocr = !parsed.GetValue(noOcr),
                Pdf = !parsed.GetValue(noPdf),
                OcrLanguage = parsed.GetValue(language)!,
                JsonField = parsed.GetValue(field)!,
                MaxBytes = parsed.GetValue(maxBytes),
                TimeLimit = TimeSpan.FromSeconds(parsed.GetValue(timeLimit)),
                MemoryLimitMb = parsed.GetValue(memoryLimit) ?? new ExtractionOptions().MemoryLimitMb,
            };
            var options = new IngestOptions
            {
                Paths = parsed.GetValue(paths)!,
                Output = parsed.GetValue(output)!,
                Include = parsed.GetValue(include) ?? [],
                Exclude = parsed.GetValue(exclude) ?? [],
                MaxFiles = parsed.GetValue(maxFiles),
                MinCharacters = parsed.GetValue(minCharacters) ?? 10,
                NearDuplicates = parsed.GetValue(near),
                Threads = parsed.GetValue(threads),
                Extraction = extraction,
            };
            return Run(options, parsed.GetValue(json));
        });
        return command;
    }

    /// <summary>The one place where the extractor is chosen.</summary>
    private static FileExtractor Extractor(ExtractionOptions options) => Extractors.Create(options, IngestWorkerCommand.Self);

    private static int Run(IngestOptions options, bool json)
    {
        using var stop = new StopSignals("file");
        var progress = new FileProgress(Terminal.Error);
        IngestOutcome? outcome = null;
        TimeSpan taken;
        try
        {
            using FileExtractor extractor = Extractor(options.Extraction);
            taken = progress.Show(() => outcome = Ingest.Run(options, extractor, progress.On, stop: stop.Token));
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            Terminal.Say($"interrupted; what was read so far is kept in {options.Output}: the same command goes on from there");
            return ExitCode.Interrupted;
        }

        IngestNotes.Conclude(outcome!, options.Output, taken);
        if (json)
        {
            Terminal.WriteJson(new
            {
                options.Output,
                outcome!.Report.Files,
                FilesReused = outcome.Reused,
                outcome.Report.Documents,
                outcome.Report.Characters,
                outcome.Report.SkippedBy,
                outcome.Report.LeftOut,
                outcome.Report.Latin1Fallbacks,
                outcome.Report.Kinds,
                Seconds = Math.Round(taken.TotalSeconds, 3),
                FilesPerS = Math.Round(outcome.Report.Files / Math.Max(taken.TotalSeconds, 1e-3), 1),
            });
        }

        return outcome!.Report.Documents > 0 ? ExitCode.Done : ExitCode.BadInput;
    }

    private static Option<string[]> Globs(string name, string description) => new(name)
    {
        Description = description, AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>Refuses a number out of its range; what is no number is refused already.</summary>
    private static Option<double> Ranged(Option<double> option, double least, double most)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0
                && double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                && !(number >= least && number <= most))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} {number}: expected {least} to {most}"));
            }
        });
        return option;
    }

    private static Option<int?> Whole(string name, string description, int least) => new(name)
    {
        Description = description,
        Validators =
        {
            result =>
            {
                if (result.Tokens.Count > 0 && (!int.TryParse(
                    result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < least))
                {
                    result.AddError($"{name} {result.Tokens[0].Value}: expected a whole number, {least} or more");
                }
            },
        },
    };

    /// <summary>A size in bytes, or with K, M or G behind it for KiB, MiB or GiB.</summary>
    private static Option<long> Bytes() => new("--max-bytes")
    {
        Description = "leave out files that are larger, or unpack to more: bytes, or with K, M, G behind it [default: 100M]",
        DefaultValueFactory = _ => new ExtractionOptions().MaxBytes,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            int shift = text.Length == 0 ? 0 : "KMG".IndexOf(char.ToUpperInvariant(text[^1]), StringComparison.Ordinal) * 10 + 10;
            string digits = shift > 0 ? text[..^1] : text;
            if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                || number < 1 || number > Array.MaxLength >> Math.Max(shift, 0))
            {
                result.AddError(
                    $"--max-bytes {text}: expected a size such as 5000000, 500K, 100M or 1G, at most {Array.MaxLength} bytes (2047M)");
                return 1;
            }

            return number << Math.Max(shift, 0);
        },
    };
}
