using System.CommandLine;
using System.Globalization;
using Habla.Checkpoints;
using Habla.Runs.Verification;
using static System.FormattableString;

namespace Habla.Cli.Commands;

/// <summary>habla verify: does a run again and tells whether it comes to the same bits.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        Option<int?> steps = new("--steps") { Description = "replay only the first N steps [default: all]", HelpName = "N" };
        steps.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, CultureInfo.InvariantCulture, out int count) || count < 1))
            {
                result.AddError($"--steps {token.Value}: expected a whole number of at least 1");
            }
        });
        Option<int> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("verify", "replay a run and compare it with what it recorded, bit by bit") { steps, threads, json };
        Func<ParseResult, string> run = CommonOptions.RunOrOption(command, "a run folder, as habla train writes it; it is only read");
        command.SetAction(parsed =>
        {
            string folder = run(parsed);
            using RunVerification verification = RunVerification.Prepare(folder, parsed.GetValue(threads), parsed.GetValue(steps));
            VerificationReport report = Replay(verification, folder);
            Tell(report);
            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(report);
            }

            return report.Reproduced ? ExitCode.Done : ExitCode.RunFailed;
        });
        return command;
    }

    private static VerificationReport Replay(RunVerification verification, string folder)
    {
        foreach (string warning in verification.Warnings)
        {
            Console.Error.WriteLine($"warning: {warning}");
        }

        Terminal.Say($"replaying {verification.Steps:N0} of {verification.RecordedSteps:N0} steps; nothing in {folder} is changed");
        var display = new TrainingDisplay(Terminal.Error, verification.Recipe.Training.LogEvery, Math.Max(1, verification.Steps));
        verification.Trainer.Listeners.Add(display);
        VerificationReport? report = null;
        display.Show(0, () => report = verification.Execute());
        return report!;
    }

    private static void Tell(VerificationReport report)
    {
        Console.Error.WriteLine(OfLog(report));
        foreach (CheckpointVerification checkpoint in report.Checkpoints)
        {
            Terminal.Say($"{checkpoint.Name}, step {checkpoint.Step:N0}: {OfCheckpoint(checkpoint)}");
        }

        if (report.Manifest is { } manifest)
        {
            string verdict = manifest.Reproduced
                ? "reproduced"
                : $"NOT reproduced: it says {manifest.RecordedSha256}, the replay has {manifest.ReplayedSha256}";
            Terminal.Say($"manifest.json, weights of step {manifest.Step:N0}: {verdict}");
        }

        if (report.Divergence is { } divergence)
        {
            Console.Error.WriteLine($"the replay failed where the run went on: {divergence}");
        }

        Terminal.Say($"weights sha256 {report.WeightsSha256} after step {report.Steps:N0}");
        Console.Error.WriteLine(Verdict(report));
    }

    private static string OfLog(VerificationReport report) => report.LogDifference is { } line
        ? Invariant($"train_log.jsonl: step {line.Step} is the first that differs: ")
            + $"its {line.Field} is {Number(line.Recorded)}, the replay has {Number(line.Replayed)}"
        : $"train_log.jsonl: {Count(report.LogLines, "line")} reproduced";

    private static string OfCheckpoint(CheckpointVerification checkpoint)
    {
        if (checkpoint.Reproduced)
        {
            return "reproduced" + (checkpoint.ChangedSinceSaved ? ", though its marker COMPLETE says that other files were saved" : "");
        }

        TensorDifference first = checkpoint.Difference!;
        string place = first.Problem is null
            ? Invariant($"{first.File}: {first} is {first.Recorded}, the replay has {first.Replayed}; ")
                + Invariant($"{first.DifferingCount:N0} of the tensor's {first.ElementCount:N0} numbers differ")
            : $"{first.File}: {first.ToString().TrimEnd('.')}";
        return $"NOT reproduced: {place}{(checkpoint.ChangedSinceSaved ? "; the file was changed or damaged after it was saved" : "")}";
    }

    private static string Verdict(VerificationReport report)
    {
        string tensor = report.Tensor is { } name ? $", first in tensor {name}" : "";
        string log = report.LogLines > 0 && report.Divergence is null && !(report.LogDifference?.Step <= report.DiffersAtStep)
            ? "; every line of the log up to there agrees"
            : "";
        return report switch
        {
            { Reproduced: true } => Invariant($"reproduced: {Count(report.Steps, "step")}, {Weights(report)}"),
            { IsOnlyDamagedLater: true } => VerifyDamage.Verdict(report),
            { SameUntilStep: null } => $"NOT reproduced: the initial weights differ already{tensor}",
            { SameUntilStep: { } same, DiffersAtStep: { } at } when at == same + 1 =>
                Invariant($"NOT reproduced: step {at} is the first that differs{tensor}{log}"),
            _ => Invariant(
                $"NOT reproduced: the weights differ between step {report.SameUntilStep} and step {report.DiffersAtStep}{tensor}{log}"),
        };
    }

    private static string Weights(VerificationReport report) =>
        report is { Checkpoints.Count: 0, Manifest: null }
            ? "by the log alone"
            : $"{Count(report.Checkpoints.Count, "checkpoint")}, every bit";

    private static string Count(int number, string noun) => Invariant($"{number:N0} {noun}{(number == 1 ? "" : "s")}");

    private static string Number(double? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "missing";
}
