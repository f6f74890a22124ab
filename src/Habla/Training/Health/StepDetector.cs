namespace Habla.Training.Health;

/// <summary>
/// Looks at the series of steps for one kind of trouble. What it says follows from the steps it has seen and nothing else.
/// </summary>
/// <param name="kind">What it looks for.</param>
public abstract class StepDetector(HealthKind kind)
{
    private bool _warned;

    /// <summary>What it knows of the steps so far; set it when a run goes on from a checkpoint.</summary>
    public StepDetectorState State
    {
        get => new(kind, _warned, Recent.All, Marks);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Kind == kind && value.Marks.Count == Marks.Count)
            {
                (_warned, Recent.All, Marks) = (value.Warned, value.Recent, value.Marks);
            }
        }
    }

    /// <summary>What it looks for.</summary>
    public HealthKind Kind => kind;

    /// <summary>Looks at the next step.</summary>
    /// <param name="step">The step; steps come in order, each once.</param>
    /// <returns>A warning the first time something looks wrong, otherwise null.</returns>
    public HealthWarning? Look(StepCompleted step)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (_warned || ProblemAt(step) is not { } problem)
        {
            return null;
        }

        _warned = true;
        return new HealthWarning(kind, step.Step, problem);
    }

    /// <summary>The newest values that it goes by.</summary>
    private protected abstract RecentValues Recent { get; }

    /// <summary>All else that it remembers, always as many numbers.</summary>
    private protected abstract IReadOnlyList<double> Marks { get; set; }

    /// <summary>Takes the step in; says what is wrong and what to try, or null.</summary>
    private protected abstract string? ProblemAt(StepCompleted step);
}
