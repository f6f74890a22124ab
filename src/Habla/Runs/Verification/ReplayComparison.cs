using Habla.Checkpoints;
using Habla.Modeling;
using Habla.Storage;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Runs.Verification;

/// <summary>
/// Holds each step of a replay against what the run has recorded of it. Hashes are computed in memory; nothing is written.
/// </summary>
/// <param name="setup">The replay.</param>
/// <param name="evidence">What the run has recorded.</param>
/// <param name="validatedElsewhere">
/// Whether the run was resumed with other steps to validate: the losses of both are compared where both have one.
/// </param>
internal sealed class ReplayComparison(TrainingSetup setup, RunEvidence evidence, bool validatedElsewhere = false) : ITrainingListener
{
    private readonly ILookup<int, StepMetrics> _log = evidence.Log.ToLookup(line => line.Step);
    private readonly List<CheckpointVerification> _compared = [];
    private LogDifference? _logDifference;
    private ManifestVerification? _manifest;
    private int _logLines;

    /// <summary>
    /// Whether all is said: a step's line differs, and a checkpoint at or after it has told in which tensor. What follows cannot be the
    /// same.
    /// </summary>
    public bool IsSettled => _logDifference is { } first && _compared.Any(one => Differs(one) && one.Step >= first.Step);

    public void OnStep(StepCompleted step)
    {
        foreach (StepMetrics line in _log[step.Step])
        {
            _logLines++;
            StepMetrics replayed = RunLog.LineOf(step);
            bool onlyOne = line.ValidationLoss is null != replayed.ValidationLoss is null;
            _logDifference ??= validatedElsewhere && onlyOne
                ? LogDifference.Between(NotValidated(line), NotValidated(replayed))
                : LogDifference.Between(line, replayed);
        }

        CompareWeights();
    }

    private static StepMetrics NotValidated(StepMetrics line) => line with { ValidationLoss = null, ValidationAccuracy = null };

    /// <summary>Compares what was saved after the step that the replay has just done; before the first step, the initial weights.</summary>
    public void CompareWeights()
    {
        int step = setup.Trainer.StepsDone;
        SavedCheckpoint[] here = [.. evidence.Checkpoints.Where(checkpoint => checkpoint.Step == step)];
        bool isEnd = evidence.End?.Step == step;
        if (here.Length == 0 && !isEnd)
        {
            return;
        }

        string weights = ModelFile.HashOf(setup.Model);
        _compared.AddRange(here.Select(checkpoint => Compare(checkpoint, weights)));
        if (isEnd)
        {
            _manifest = new ManifestVerification(step, evidence.End!.Value.Hash, weights);
        }
    }

    /// <summary>What came of it.</summary>
    /// <param name="recordedSteps">Steps that the run has recorded.</param>
    /// <param name="divergence">How the replay failed at the step after the last; null when it did not.</param>
    public VerificationReport Report(int recordedSteps, TrainingDivergedException? divergence)
    {
        (int? After, int At)? difference = FirstDifference(divergence);
        return new VerificationReport
        {
            Reproduced = difference is null && _compared.TrueForAll(one => one.Reproduced),
            WeightsSha256 = ModelFile.HashOf(setup.Model),
            Steps = setup.Trainer.StepsDone,
            RecordedSteps = recordedSteps,
            LogLines = _logLines,
            SameUntilStep = difference?.After,
            DiffersAtStep = difference?.At,
            LogDifference = _logDifference,
            Divergence = divergence?.Message,
            Checkpoints = _compared,
            Manifest = _manifest,
        };
    }

    /// <summary>
    /// The earliest difference. A line of the log names its step; weights only tell that something happened since the last ones
    /// that are the same.
    /// </summary>
    private (int? After, int At)? FirstDifference(TrainingDivergedException? divergence)
    {
        List<(int? After, int At)> found = [];
        if (_logDifference is { } line)
        {
            found.Add((line.Step - 1, line.Step));
        }

        if (divergence is not null)
        {
            found.Add((divergence.Step - 1, divergence.Step));
        }

        if (_compared.Find(Differs) is { } checkpoint)
        {
            found.Add((SameBefore(checkpoint.Step), checkpoint.Step));
        }

        if (_manifest is { Reproduced: false } end)
        {
            found.Add((SameBefore(end.Step), end.Step));
        }

        return found.Count == 0 ? null : found.MinBy(one => one.At); // of equals the first, which is the narrowest
    }

    /// <summary>The last step before another with weights that are the same; the initial ones of a seed always are.</summary>
    private int? SameBefore(int step) => step == 0
        ? null
        : _compared.Where(one => !Differs(one) && one.Step < step).Select(one => one.Step).Append(0).Max();

    /// <summary>A file that was damaged after it was saved says nothing about the training.</summary>
    private static bool Differs(CheckpointVerification one) => !one.Reproduced && !one.IsDamagedLater;

    private CheckpointVerification Compare(SavedCheckpoint checkpoint, string weights)
    {
        Gpt model = setup.Model;
        AdamW optimizer = setup.Trainer.Optimizer;
        List<SafetensorsEntry> moments = Checkpoint.OptimizerEntries(model, optimizer);
        string recorded = checkpoint.Hashes[Checkpoint.WeightsFile];
        string replayedMoments = ContentHash.OfWritten(file => SafetensorsWriter.Write(file, moments));
        bool sameMoments = checkpoint.Hashes[Checkpoint.OptimizerFile] == replayedMoments;
        return new CheckpointVerification
        {
            Name = checkpoint.Name,
            Step = checkpoint.Step,
            RecordedSha256 = recorded,
            ReplayedSha256 = weights,
            OptimizerReproduced = sameMoments,
            ChangedSinceSaved = checkpoint.IsChanged,
            IsDamagedLater = checkpoint.IsChanged
                && checkpoint.SavedHashes.GetValueOrDefault(Checkpoint.WeightsFile) == weights
                && checkpoint.SavedHashes.GetValueOrDefault(Checkpoint.OptimizerFile) == replayedMoments,
            Difference = recorded != weights ? Find(checkpoint, Checkpoint.WeightsFile, ModelFile.Entries(model))
                : !sameMoments ? Find(checkpoint, Checkpoint.OptimizerFile, moments)
                : null,
        };
    }

    private static TensorDifference Find(SavedCheckpoint checkpoint, string file, List<SafetensorsEntry> expected) =>
        TensorDifference.Find(Path.Combine(checkpoint.Folder, file), expected);
}
