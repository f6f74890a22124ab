using Habla.Configuration;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Runs.Verification;

/// <summary>
/// Does a run again, from its recipe, seeds and data alone, and compares every step with what the run has recorded. The run folder
/// is only read. <see cref="Prepare"/> checks that it is the same recipe, data and tokenizer; <see cref="Execute"/> replays.
/// </summary>
public sealed class RunVerification : IDisposable
{
    private readonly TrainingSetup _setup;
    private readonly ReplayComparison _comparison;

    private RunVerification(RecordedRun record, TrainingSetup setup, int? steps)
    {
        (Recipe, _setup) = (record.Recipe, setup);
        RunEvidence evidence = RunEvidence.Read(record.Folder, record.Manifest, Trainer.TotalSteps);
        RecordedSteps = evidence.LastStep;
        Steps = Math.Min(steps ?? RecordedSteps, RecordedSteps);
        if (!evidence.HasWeightsUpTo(Steps) && evidence.StepsWithoutLine(Steps) == Steps)
        {
            // Whoever compares nothing must not say that all is the same.
            throw new InvalidInputException(
                $"{record.Folder.Path}: up to step {Steps} the run has neither a line in train_log.jsonl nor a checkpoint, "
                    + "so there is nothing "
                + $"to verify; replay more of its {RecordedSteps} steps");
        }

        Warnings = [.. WarningsOf(record, evidence, steps)];
        _comparison = new ReplayComparison(setup, evidence, validatedElsewhere: record.Manifest.Changes is not null);
        setup.Initialize();
        setup.Trainer.Listeners.Add(_comparison);
    }

    /// <summary>The run's recipe.</summary>
    public Recipe Recipe { get; }

    /// <summary>The loop that replays; add listeners before <see cref="Execute"/>.</summary>
    public Trainer Trainer => _setup.Trainer;

    /// <summary>Steps that will be replayed.</summary>
    public int Steps { get; }

    /// <summary>Steps that the run has recorded.</summary>
    public int RecordedSteps { get; }

    /// <summary>A line for each thing that makes the answer weaker, such as a log without lines.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Reads and checks everything that a replay needs.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="threads">Threads to compute on; any number gives the same bits.</param>
    /// <param name="steps">How many steps to replay; null (the default) for all that the run has recorded. At least 1.</param>
    /// <param name="time">The clock that measures tokens per second; null (the default) for the system's.</param>
    /// <exception cref="InvalidInputException">
    /// There is no training run, it has recorded nothing to compare with, or recipe, data or tokenizer are not those it was trained with.
    /// </exception>
    public static RunVerification Prepare(string folder, int threads, int? steps = null, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps ?? 1, 1, nameof(steps));
        RunFolder run = RunFolder.Open(folder);
        if (!File.Exists(run.ConfigFile))
        {
            throw new InvalidInputException(
                $"{folder}: there is no training run here (no config.yaml); name the folder that habla train wrote with --out");
        }

        RecordedRun record = RecordedRun.Read(run);
        record.RefuseAnotherRecipe();
        record.RefuseOtherData();
        RunData data = RunData.Load(record.Recipe, record.Tokenizer);
        var setup = new TrainingSetup(record.Recipe, data, threads, time ?? TimeProvider.System);
        try
        {
            return new RunVerification(record, setup, steps);
        }
        catch
        {
            setup.Dispose();
            throw;
        }
    }

    /// <summary>Replays the steps. It ends early once it is known which step differs and in which tensor.</summary>
    public VerificationReport Execute()
    {
        TrainingDivergedException? divergence = null;
        _comparison.CompareWeights();
        try
        {
            while (Trainer.StepsDone < Steps && !_comparison.IsSettled)
            {
                Trainer.Step();
            }
        }
        catch (TrainingDivergedException error)
        {
            divergence = error;
        }

        return _comparison.Report(RecordedSteps, divergence);
    }

    /// <inheritdoc/>
    public void Dispose() => _setup.Dispose();

    private IEnumerable<string> WarningsOf(RecordedRun record, RunEvidence evidence, int? wanted)
    {
        string made = record.Manifest.Versions.Habla, mine = SoftwareVersions.Current.Habla;
        if (made != mine)
        {
            yield return $"the run was made by Habla {made} and this is {mine}; the same bits are promised within a version only";
        }

        if (record.Manifest.Status == RunStatus.Running)
        {
            yield return "the run goes on, or was killed: what it has recorded so far is replayed";
        }

        if (wanted > RecordedSteps)
        {
            yield return $"the run has recorded {RecordedSteps} steps, not {wanted}; all of them are replayed";
        }

        if (evidence.StepsWithoutLine(Steps) is > 0 and var missing)
        {
            yield return $"{record.Folder.LogFile} has no line for {missing} of the {Steps} steps; for those only weights can be compared";
        }

        if (!evidence.HasWeightsUpTo(Steps))
        {
            yield return $"the run has kept no weights up to step {Steps}: only its log can be compared";
        }
    }
}
