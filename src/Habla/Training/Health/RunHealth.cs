namespace Habla.Training.Health;

/// <summary>
/// Everything that is looked at while a run goes on. It is given the steps and, now and then, the layers, and says what looks wrong:
/// each kind once a run. A resumed run gives it the state that the checkpoint kept, so that it goes on as if the run had never stopped.
/// </summary>
/// <param name="settings">The run.</param>
public sealed class RunHealth(HealthSettings settings)
{
    private readonly StepDetector[] _detectors =
    [
        new RisingLoss(settings), new OscillatingLoss(settings), new LossPlateau(settings), new Overfitting(), new ExplodingGradient(),
    ];

    private readonly LayerDetector _layers = new();

    /// <summary>What it knows of the steps so far; set it when a run goes on from a checkpoint.</summary>
    public HealthState State
    {
        get => new([.. _detectors.Select(detector => detector.State)], _layers.Warned, _layers.First, LargeGradient: false);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            foreach ((StepDetector detector, StepDetectorState state) in _detectors.Zip(value.Steps))
            {
                detector.State = state;
            }

            (_layers.Warned, _layers.First) = (value.LayersWarned, value.FirstLayers);
        }
    }

    /// <summary>Looks at the next step.</summary>
    /// <param name="step">The step; steps come in order, each once.</param>
    public IReadOnlyList<HealthWarning> Look(StepCompleted step)
    {
        List<HealthWarning>? warnings = null;
        foreach (StepDetector detector in _detectors)
        {
            if (detector.Look(step) is { } warning)
            {
                (warnings ??= []).Add(warning);
            }
        }

        return warnings ?? (IReadOnlyList<HealthWarning>)[];
    }

    /// <summary>Looks at the layers.</summary>
    /// <param name="step">After which step, from 1.</param>
    /// <param name="layers">The layers.</param>
    public IReadOnlyList<HealthWarning> Look(int step, IReadOnlyList<LayerState> layers) => _layers.Look(step, layers);
}
