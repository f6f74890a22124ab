using System.CommandLine;
using System.Text.Json.Nodes;
using Habla.Plotting;
using Habla.Tracking;

namespace Habla.Cli.Commands;

/// <summary>habla plot: a run's pictures, drawn again from its log.</summary>
internal static class PlotCommand
{
    public static Command Create()
    {
        var command = new Command("plot", "draw a run's pictures again from its log");
        Func<ParseResult, string> run = CommonOptions.RunOrOption(
            command, "a run folder, as habla train writes it; the run may still go on");
        command.SetAction(parsed =>
        {
            RunFolder folder = RunFolder.Open(run(parsed));
            IReadOnlyList<StepMetrics> steps = RunSummary.ReadLog(folder);
            if (steps.Count == 0)
            {
                throw new InvalidInputException(
                    $"{folder.LogFile}: there is no step to draw; wait for the run's first, or name a training run");
            }

            double? baseline = TrainingResults.ReadIfThere(folder.ResultsFile)?.BaselineValidationPerplexity;
            JsonNode? clip = Manifest.Read(folder.ManifestFile).Config["optimizer"]?["clip"];
            List<string> skipped = RunPictures.Draw(folder, steps, baseline, clip is null ? 0 : (double)clip, new Gnuplot());
            foreach (string line in skipped)
            {
                Console.Error.WriteLine(line);
            }

            string[] files = [folder.LossCurveFile, folder.TrainingCurveFile, folder.LossByEpochFile, folder.GradientNormFile];
            string[] drawn =
            [
                .. files.Where(file => !skipped.Exists(line => line.Contains(Path.GetFileName(file), StringComparison.Ordinal))),
            ];
            if (drawn.Length > 0)
            {
                Console.Error.WriteLine($"drawn from {steps.Count} steps: {string.Join(", ", drawn)}");
            }

            return skipped.Count == 0 ? ExitCode.Done : ExitCode.RunFailed;
        });
        return command;
    }
}
