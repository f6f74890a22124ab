using System.Text.Json;
using Habla.Checkpoints;
using Habla.Data;
using Habla.Storage;
using Habla.Tracking;
using Habla.Training;
using Habla.Training.Health;

namespace Habla.Runs;

/// <summary>
/// Watches a run's health: hands steps and layers to <see cref="RunHealth"/>, writes what comes back to <c>health.jsonl</c>, and tells the
/// other listeners of warnings. The loop's own warnings are written down as well.
/// </summary>
internal sealed class HealthWatch : ITrainingListener, IStatefulPart, IDisposable
{
    private const string LargeGradient = "large_gradient";

    private readonly Trainer _trainer;
    private readonly RunHealth _health;
    private readonly JsonLinesFile<HealthLine> _log;
    private readonly LayerProbe? _probe;
    private readonly int _every;
    private bool _largeGradientWritten;

    /// <summary>Begins to watch; what a resumed run has behind it is part of its checkpoint.</summary>
    /// <param name="setup">The run.</param>
    /// <param name="data">Its data: the first rows of a micro-batch are what the layers are looked at with.</param>
    /// <param name="options">How often to look into the layers.</param>
    /// <param name="settings">What the detectors need to know.</param>
    /// <param name="path">The file to write.</param>
    public HealthWatch(TrainingSetup setup, RunData data, TrainingOptions options, HealthSettings settings, string path)
    {
        (_trainer, _health, _every) = (setup.Trainer, new RunHealth(settings), options.HealthEvery);
        _log = HealthLog.Open(path, _trainer.StepsDone);
        int rows = Math.Min(data.Train.Count, Math.Max(1, options.BatchSize / options.MicroBatchCount));
        Batch batch = data.Train.BatchOf([.. Enumerable.Range(0, rows)]);
        _probe = _every > 0 ? new LayerProbe(setup.Model, batch) : null;
    }

    public TrainingState AddTo(TrainingState state) =>
        state with { Health = _health.State with { LargeGradient = _largeGradientWritten } };

    public void TakeFrom(TrainingState state)
    {
        if (state.Health is { } health)
        {
            (_health.State, _largeGradientWritten) = (health, health.LargeGradient);
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
    /// Only the loop says this; what is found here goes to the others. A resumed loop may say again that gradients are large, which
    /// stands in the file already.
    /// </summary>
    public void OnWarning(string warning)
    {
        bool first = _trainer.StepsDone == 1;
        if (first || !_largeGradientWritten)
        {
            _log.Append(new HealthLine(_trainer.StepsDone, first ? Name(HealthKind.FirstStep) : LargeGradient, warning));
            _largeGradientWritten = !first;
        }
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
            foreach (ITrainingListener listener in _trainer.Listeners.Where(listener => listener != this))
            {
                listener.OnWarning(warning.Message);
            }
        }
    }

    private static string Name(HealthKind kind) => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString());
}
