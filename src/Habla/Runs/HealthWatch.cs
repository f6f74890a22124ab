using System.Text.Json;
using Habla.Checkpoints;
using Habla.Configuration;
using Habla.Data;
using Habla.Storage;
using Habla.Tracking;
using Habla.Training;
using Habla.Training.Health;

namespace Habla.Runs;

/// <summary>
/// Watches a run's health: hands steps and layers to <see cref="RunHealth"/>, writes what comes back to <c>health.jsonl</c>, and passes
/// warnings on. The loop's own warnings are written down as well.
/// </summary>
internal sealed class HealthWatch : ITrainingListener, IStatefulPart, IDisposable
{
    private const string LargeGradient = "large_gradient";

    private readonly Trainer _trainer;
    private readonly Action<string> _warn;
    private readonly RunHealth _health;
    private readonly JsonLinesFile<HealthLine> _log;
    private readonly LayerProbe? _probe;
    private readonly int _every;

    /// <summary>Begins to watch; what a resumed run has behind it is part of its checkpoint.</summary>
    /// <param name="prepared">The run; the first rows of a micro-batch of its data are what the layers are looked at with.</param>
    /// <param name="setup">What computes it.</param>
    /// <param name="warn">Takes the warnings.</param>
    public HealthWatch(PreparedRun prepared, TrainingSetup setup, Action<string> warn)
    {
        TrainingOptions options = prepared.Recipe.Training;
        (_trainer, _warn, _every) = (setup.Trainer, warn, options.HealthEvery);
        _health = new RunHealth(SettingsOf(prepared.Recipe, _trainer));
        _log = HealthLog.Open(prepared.Folder.HealthFile, _trainer.StepsDone);
        int rows = (int)Math.Min(prepared.Data.Train.Count, Math.Max(1, options.BatchSize / options.MicroBatchCount));
        Batch batch = prepared.Data.Train.BatchOf([.. Enumerable.Range(0, rows)]);
        _probe = _every > 0 ? new LayerProbe(setup.Model, batch) : null;
    }

    public TrainingState AddTo(TrainingState state) =>
        state with { Health = _health.State with { LargeGradient = _trainer.NormCheck.HasWarned } };

    public void TakeFrom(TrainingState state)
    {
        if (state.Health is { } health)
        {
            _health.State = health;
            _trainer.NormCheck.HasWarned = health.LargeGradient;
        }
    }

    public void OnStep(StepCompleted step)
    {
        Tell(_health.Look(step));
        if (_probe is not null && (step.Step == 1 || step.Step % _every == 0))
        {
            IReadOnlyList<LayerState> layers = _probe.Look(_trainer.Gradient.Gradients);
            _log.Append(new HealthLine(step.Step, HealthLine.LayersKind, Layers: [.. layers.Select(layer => new LayerSize(
                layer.Layer, layer.ActivationRms, layer.WeightNorm, layer.GradientNorm))]));
            Tell(_health.Look(step.Step, layers));
        }
    }

    /// <summary>
    /// The loop says this; what is found here goes to people alone. Until the first update is behind it, it speaks of the start.
    /// </summary>
    public void OnWarning(string warning)
    {
        bool first = _trainer.StepsDone == 1 || _trainer.Optimizer.UpdateCount == 1;
        _log.Append(new HealthLine(_trainer.StepsDone, first ? Name(HealthKind.FirstStep) : LargeGradient, warning));
    }

    /// <summary>What was written survives a loss of power from now on.</summary>
    public void FlushToDisk() => _log.FlushToDisk();

    public void Dispose()
    {
        _probe?.Dispose();
        _log.Dispose();
    }

    private void Tell(IReadOnlyList<HealthWarning> warnings)
    {
        foreach (HealthWarning warning in warnings)
        {
            _log.Append(new HealthLine(warning.Step, Name(warning.Kind), warning.Message));
            _warn(warning.Message);
        }
    }

    /// <summary>What the detectors need to know.</summary>
    public static HealthSettings SettingsOf(Recipe recipe, Trainer trainer) => new(
        trainer.TotalSteps, recipe.Training.BatchSize * recipe.Training.Accumulation * recipe.Model.ContextLength,
        recipe.Optimizer.MaximumLearningRate);

    private static string Name(HealthKind kind) => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString());
}
