using System.CommandLine;
using Habla.Corpus;
using Habla.Storage;

namespace Habla.Cli.Commands;

/// <summary>habla corpus build|validate|split: the verb corpus, its checks and its splits.</summary>
internal static class CorpusCommand
{
    private const string DefaultFolder = "runs/corpus";
    private const ulong DefaultSeed = 42;

    public static Command Create() => new("corpus", "the verb corpus: 20 verbs in English and Spanish")
    {
        Build(),
        Validate(),
        Split(),
    };

    private static Command Build()
    {
        Option<ulong> seed = SeedOption("draws the persons of the sentences, the mistakes and what the splits hold out");
        Option<string> output = OutOption();
        Option<bool> force = ForceOption();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("build", "write corpus.jsonl and its three splits, each with train, val and test")
        {
            seed, output, force, json,
        };
        command.SetAction(parsed =>
        {
            ulong chosen = parsed.GetValue(seed);
            IReadOnlyList<CorpusRow> rows = CorpusBuilder.Build(chosen);
            ValidationReport report = CorpusValidator.Validate(rows, chosen);
            if (!report.Passed)
            {
                Report(report);
                return ExitCode.RunFailed;
            }

            string folder = parsed.GetValue(output)!;
            CorpusManifest manifest = CorpusFolder.WriteCorpus(folder, rows, chosen, parsed.GetValue(force));
            Console.Error.WriteLine($"{folder}: {Passed(report)}");
            Tell(manifest, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Validate()
    {
        Option<string> input = new("--input")
        {
            Description = "a corpus file, or a folder written by build or split", DefaultValueFactory = _ => DefaultFolder,
        };
        Option<string?> output = new("--out")
        {
            Description = $"where to write the report [default: {CorpusValidator.ReportFileName} beside the corpus]",
        };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("validate", "run every check and write validation_report.json; exit 1 when one fails")
        {
            input, output, json,
        };
        command.SetAction(parsed =>
        {
            string source = parsed.GetValue(input)!;
            ValidationReport report = CorpusValidator.Validate(CorpusSources.Load(source));
            string folder = Directory.Exists(source) ? source : Path.GetDirectoryName(source) ?? "";
            string path = parsed.GetValue(output) ?? Path.Combine(folder, CorpusValidator.ReportFileName);
            JsonFormat.WriteFile(path, report);
            Report(report);
            Console.Error.WriteLine($"{path}: {(report.Passed ? Passed(report) : "validation failed")}");
            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(report);
            }

            return report.Passed ? ExitCode.Done : ExitCode.RunFailed;
        });
        return command;
    }

    private static Command Split()
    {
        Option<string> input = new("--input")
        {
            Description = "the corpus file", DefaultValueFactory = _ => $"{DefaultFolder}/{CorpusFolder.CorpusFileName}",
        };
        Option<string> policy = new("--policy") { Description = "what is held out", Required = true };
        policy.AcceptOnlyFromAmong([.. WireName.All<SplitPolicy>()]);
        Option<ulong> seed = SeedOption("draws what verb_tense and cell hold out");
        Option<string> output = new("--out") { Description = "the folder to write", Required = true };
        Option<bool> force = ForceOption();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("split", "cut a corpus into train, val and test") { input, policy, seed, output, force, json };
        command.SetAction(parsed =>
        {
            string source = parsed.GetValue(input)!;
            IReadOnlyList<CorpusRow> rows = CorpusFile.Read(source);
            _ = WireName.TryParse(parsed.GetValue(policy), out SplitPolicy chosen);
            CorpusSplit split = CorpusSplitter.Split(rows, chosen, parsed.GetValue(seed));
            CorpusManifest manifest = CorpusFolder.WriteSplit(
                parsed.GetValue(output)!, split, ContentHash.OfFile(source), parsed.GetValue(force));
            Tell(manifest, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    private static Option<ulong> SeedOption(string meaning) =>
        new("--seed") { Description = meaning, DefaultValueFactory = _ => DefaultSeed };

    private static Option<string> OutOption() =>
        new("--out") { Description = "the folder to write", DefaultValueFactory = _ => DefaultFolder };

    private static Option<bool> ForceOption() =>
        new("--force") { Description = "write into a folder that holds something else" };

    private static void Tell(CorpusManifest manifest, bool json)
    {
        foreach (CorpusManifest.ManifestFile file in manifest.Files)
        {
            Console.Error.WriteLine(
                $"  {file.Path,-24} {file.Rows,4} rows: {file.Forms,3} forms, {file.Contexts,3} sentences, "
                + $"{file.MisConjugated,2} mistakes  sha256 {file.Sha256[..12]}");
        }

        if (json)
        {
            Terminal.WriteJson(manifest);
        }
    }

    private static string Passed(ValidationReport report) =>
        $"{report.Rows} rows, {report.Checks.Count(check => check.Status == "passed")} checks passed";

    private static void Report(ValidationReport report)
    {
        foreach (CheckResult check in report.Checks.Where(check => check.Status == "failed"))
        {
            string problems = check.ProblemCount == 1 ? "1 problem" : $"{check.ProblemCount} problems";
            Console.Error.WriteLine($"{check.Name}: {problems} (expected: {check.Meaning})");
            foreach (RowProblem problem in check.Problems)
            {
                Console.Error.WriteLine($"  {problem}");
            }
        }
    }
}
