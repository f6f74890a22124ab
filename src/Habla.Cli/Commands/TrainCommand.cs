using System.CommandLine;
using System.Globalization;
using Habla.Configuration;
using Habla.Runs;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Cli.Commands;

/// <summary>habla train: from a recipe to a run folder with a trained model.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        Option<string> config = CommonOptions.Config();
        Option<string> output = CommonOptions.Out("the run folder to make");
        Option<ulong?> seed = new("--seed") { Description = "the training seed; the same as --set training.rng_seed=N" };
        Option<int> threads = CommonOptions.Threads();
        Option<bool> resume = new("--resume") { Description = "go on with the interrupted run in the folder" };
        Option<string[]> allowChange = new("--allow-change")
        {
            Description = "section.key that may differ when a run is resumed, such as training.val_every; may be repeated",
            AllowMultipleArgumentsPerToken = false,
        };
        Option<bool> force = CommonOptions.Force();
        Option<string[]> set = CommonOptions.Set();
        Option<string?> baseline = new("--baseline")
        {
            Description = "a folder of habla baseline on the same tokens [default: count the n-grams now]",
        };
        Option<bool> noBaseline = new("--no-baseline") { Description = "do not hold the run against n-grams" };
        Option<bool> noPreflight = new("--no-preflight") { Description = "do not measure first what the run will take" };
        Option<bool> gate = new("--gate") { Description = "exit 1 unless the final validation perplexity is below the baseline's" };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("train", "train a model by a recipe; leaves a run folder")
        {
            config, output, seed, threads, resume, allowChange, force, set, baseline, noBaseline, noPreflight, gate, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(resume) && result.GetValue(force))
            {
                result.AddError("--resume goes on with a run and --force deletes it: give one of them");
            }

            if (result.GetValue(allowChange) is { Length: > 0 } && !result.GetValue(resume))
            {
                result.AddError("--allow-change is for a run that goes on: give --resume with it");
            }

            if (result.GetValue(noBaseline) && (result.GetValue(gate) || result.GetValue(baseline) is not null))
            {
                result.AddError("--no-baseline leaves nothing for --gate or --baseline: leave one of them out");
            }
        });
        command.SetAction(parsed =>
        {
            List<string> overrides = [.. parsed.GetValue(set) ?? []];
            if (parsed.GetValue(seed) is { } chosen)
            {
                overrides.Add(string.Create(CultureInfo.InvariantCulture, $"training.rng_seed={chosen}"));
            }

            using var stop = new StopSignals();
            bool announced = false;
            Recipe recipe = RecipeReader.Read(parsed.GetValue(config)!, overrides);
            var options = new TrainingRunOptions
            {
                Folder = parsed.GetValue(output)!,
                Existing = parsed.GetValue(resume) ? ExistingRun.Resume : parsed.GetValue(force) ? ExistingRun.Replace : ExistingRun.Refuse,
                AllowedChanges = parsed.GetValue(allowChange) ?? [],
                Threads = parsed.GetValue(threads),
                BaselineFolder = parsed.GetValue(baseline),
                WithBaseline = !parsed.GetValue(noBaseline),
                WithPreflight = !parsed.GetValue(noPreflight),
                BeforePreflight = (data, trainer, perplexity) =>
                {
                    TrainingNotes.Announce(recipe, data, trainer, perplexity);
                    Console.Error.WriteLine("preflight: measuring a few steps ...");
                    announced = true;
                },
                Stop = stop.Token,
                CommandLine = Terminal.CommandLine,
            };
            try
            {
                using TrainingRun run = TrainingRun.Prepare(recipe, options);
                if (!announced)
                {
                    TrainingNotes.Announce(recipe, run.Data, run.Trainer, run.BaselinePerplexity);
                }

                TrainingNotes.AnnounceStart(run);
                stop.Token.ThrowIfCancellationRequested();
                run.LockFolder();
                return Train(run, options.Folder, parsed.GetValue(gate), parsed.GetValue(json), stop.Token);
            }
            catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
            {
                Console.Error.WriteLine("interrupted before the first step; nothing was written");
                return ExitCode.Interrupted;
            }
        });
        return command;
    }

    private static int Train(TrainingRun run, string folder, bool gate, bool json, CancellationToken stop)
    {
        var display = new TrainingDisplay(Terminal.Error, run.Recipe.Training.LogEvery, run.Trainer.TotalSteps);
        run.Listeners.Add(display);
        TrainingOutcome? outcome = null;
        try
        {
            display.Show(run.Trainer.StepsDone, () => outcome = run.Execute(stop));
        }
        catch (TrainingDivergedException error)
        {
            string last = Directory.Exists($"{folder}/checkpoints/last")
                ? $"The last good checkpoint is {folder}/checkpoints/last"
                : "No checkpoint had been saved yet";
            string before = Directory.Exists($"{folder}/checkpoints/diverged")
                ? $"{folder}/checkpoints/diverged has the state before the step"
                : "the state before the step could not be saved";
            Console.Error.WriteLine($"habla: {error.Message} {last}; {before}.");
            return ExitCode.RunFailed;
        }
        catch (InvalidInputException error)
        {
            // Everything was checked before the first step: this is the run failing, such as a disk that is full now.
            Console.Error.WriteLine($"habla: {error.Message}");
            return ExitCode.RunFailed;
        }

        Summarize(outcome!, folder, run.Preflight);
        if (json)
        {
            Terminal.WriteJson(outcome!.Results);
        }

        return !outcome!.Finished ? ExitCode.Interrupted
            : gate && outcome.Results.BeatsBaseline != true ? ExitCode.RunFailed
            : ExitCode.Done;
    }

    private static void Summarize(TrainingOutcome outcome, string folder, PreflightEstimate? preflight)
    {
        TrainingResults results = outcome.Results;
        string ended = results.StoppedEarly ? "stopped early" : outcome.Finished ? "done" : "interrupted";
        double seconds = results.WallClockSeconds, speed = results.TokensPerSecond, memory = results.PeakMemoryMb;
        Terminal.Say($"{ended} after {results.Steps:N0} steps in {seconds:F1} s, {speed:N0} tokens/s, {memory:N0} MB at most");
        if (outcome.Part is { } part)
        {
            string killed = part.FollowsKilled ? "; what a killed part took is not counted" : "";
            Terminal.Say($"of these, this time      {part.Steps:N0} steps in {part.Seconds:F1} s, {part.Tokens:N0} tokens{killed}");
        }

        SummarizeLosses(outcome);
        Terminal.Say($"train perplexity         {PerplexityText.Of(results.TrainPerplexity)}");
        if (results.ValidationPerplexity is { } validation)
        {
            string best = results.BestValidationStep is { } step
                ? string.Create(
                    CultureInfo.InvariantCulture, $" (best {PerplexityText.Of(results.BestValidationPerplexity!.Value)} at step {step})")
                : "";
            Terminal.Say($"validation perplexity    {PerplexityText.Of(validation)}{best}");
        }

        if (results.StoppedEarly)
        {
            Terminal.Say($"the weights are those of step {results.BestValidationStep:N0}, the best of the validation");
        }

        if (results.BaselineValidationPerplexity is { } baseline)
        {
            Terminal.Say($"n-gram baseline          {baseline:F3}");
            Terminal.Say($"beats baseline: {(results.BeatsBaseline == true ? "yes" : "no")} ({Difference(results)})");
        }

        if (preflight is not null)
        {
            PreflightNotes.Conclude(preflight);
        }

        foreach (string skipped in outcome.Skipped)
        {
            Console.Error.WriteLine(skipped);
        }

        if (outcome.Warning is { } warning)
        {
            Console.Error.WriteLine($"warning: {warning}");
        }

        if (outcome.Tracked is { } tracked)
        {
            Console.Error.WriteLine(tracked);
        }

        Terminal.Say($"weights sha256 {results.WeightsSha256}");
        Console.Error.WriteLine(
            outcome.Finished ? $"the run is in {folder}" : $"go on with: {ResumeHint.Of(folder)}");
    }

    private static void SummarizeLosses(TrainingOutcome outcome)
    {
        if (outcome.Losses is { } losses)
        {
            string change = losses.ReductionPercent < 0 ? "higher" : "lower";
            string tokens = losses.Tokens?.ToString("N0", CultureInfo.InvariantCulture) ?? "an unknown number of";
            Terminal.Say($"training loss            {losses.InitialLoss:F4} at first, {losses.FinalLoss:F4} at the end ",
                $"({Math.Abs(losses.ReductionPercent):0.0} % {change}), least {losses.BestLoss:F4} at step {losses.BestStep:N0}");
            Terminal.Say($"learning rate            {losses.LargestLearningRate:0.##e+0} at its highest, ",
                $"{losses.FinalLearningRate:0.##e+0} at the end; {tokens} tokens learned from");
        }
    }

    private static string Difference(TrainingResults results) =>
        results.PerplexityImprovementPercent is not { } percent ? "no number"
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Abs(percent):0.0} % {(percent < 0 ? "higher" : "lower")}");
}
