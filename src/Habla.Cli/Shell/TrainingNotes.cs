using Habla.Configuration;
using Habla.Data;
using Habla.Runs;
using Habla.Training;

namespace Habla.Cli.Shell;

/// <summary>Tells what will be trained, on what, and where a resumed run begins.</summary>
internal static class TrainingNotes
{
    // A context that no row fills half of is a margin; below a quarter it is nearly always a mistake.
    private const int LeastPartOfContext = 4;

    /// <summary>What the recipe and its data come to; known before anything is computed.</summary>
    public static void Announce(Recipe recipe, RunData data, Trainer trainer, double? baselinePerplexity)
    {
        int steps = trainer.TotalSteps, rows = recipe.Training.BatchSize * recipe.Training.Accumulation;
        Terminal.Say($"{recipe.Model.ParameterCount:N0} parameters, {steps:N0} steps of {rows} × {recipe.Model.ContextLength} tokens");
        foreach (ResolvedGroup group in trainer.Optimizer.Groups)
        {
            (double scale, double decay) = (group.LearningRateScale, group.WeightDecay);
            int parameters = group.Parameters.Count;
            string many = parameters == 1 ? "parameter" : "parameters";
            Terminal.Say($"{group.Match}: {parameters:N0} {many}, {group.Count:N0} numbers: {scale} × the rate, weight decay {decay}");
        }

        DataNotes.Write(data);
        if (baselinePerplexity is { } baseline)
        {
            Terminal.Say($"n-gram baseline: perplexity {baseline:F3} (loss {Math.Log(baseline):F4})");
        }

        WarnOfSize(recipe, data);
    }

    /// <summary>Where a resumed run goes on, and what the preflight found.</summary>
    public static void AnnounceStart(TrainingRun run)
    {
        AnnounceResume(run);
        if (run.Preflight is { } estimate)
        {
            PreflightNotes.Announce(estimate);
        }
    }

    /// <summary>What is possible and hardly meant.</summary>
    private static void WarnOfSize(Recipe recipe, RunData data)
    {
        int context = recipe.Model.ContextLength;
        int longest = Math.Max(LongestRow(data.Train), LongestRow(data.Validation));
        if (longest > 0 && longest < context / LeastPartOfContext)
        {
            Terminal.Say($"warning: the longest row has {longest} tokens, and model.max_seq_len is {context}: ",
                $"positions beyond are never learned and take memory; model.max_seq_len={longest} is enough");
        }

        int batches = data.Batches().BatchesPerEpoch;
        if (recipe.Training.Accumulation > batches)
        {
            Terminal.Say($"warning: training.accumulation is {recipe.Training.Accumulation}, and an epoch has {batches} ",
                $"{(batches == 1 ? "batch" : "batches")}: a step takes what an epoch has and no more");
        }
    }

    private static int LongestRow(SequenceDataset? data) => data is SentenceDataset { Report.LongestSequence: var longest } ? longest : 0;

    private static void AnnounceResume(TrainingRun run)
    {
        if (run.ResumePoint is not { } from)
        {
            return;
        }

        foreach (string skipped in from.Skipped)
        {
            Terminal.Say($"skipped a checkpoint: {skipped}");
        }

        if (from.Folder is { } folder)
        {
            Terminal.Say($"going on after step {run.Trainer.StepsDone} from {folder}");
        }
        else
        {
            Terminal.Say($"no checkpoint had been saved yet: beginning again at step 0");
        }
    }
}
