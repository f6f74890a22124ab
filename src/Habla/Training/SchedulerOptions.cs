namespace Habla.Training;

/// <summary>How long a run is and how its learning rate moves: a linear warm-up, then a fall to lr_min, once or in cycles.</summary>
public sealed record SchedulerOptions
{
    internal static readonly OptionRange WarmupRange = OptionRange.ZeroOrMore;
    internal static readonly OptionRange TotalStepsRange = OptionRange.Positive;
    internal static readonly OptionRange RestartStepsRange = OptionRange.Positive;
    internal static readonly OptionRange RestartMultiplierRange = new(1, 1_000);

    /// <summary>The curve after the warm-up. Default cosine.</summary>
    public ScheduleKind Type { get; init; } = ScheduleKind.Cosine;

    /// <summary>Steps in which the learning rate rises linearly to lr_max. Default 100; from 0 to the run's steps.</summary>
    public int WarmupSteps { get; init; } = 100;

    /// <summary>
    /// Optimizer updates in the run; null takes them from <see cref="TrainingOptions.Epochs"/>. Default null; at least 1.
    /// </summary>
    public int? TotalSteps { get; init; }

    /// <summary>
    /// Steps of the first cycle of <see cref="ScheduleKind.Restarts"/>, which needs it; others ignore it. Default null; at least 1.
    /// </summary>
    public int? RestartSteps { get; init; }

    /// <summary>How many times as long as the cycle before each cycle of restarts is. Default 1; from 1 to 1,000.</summary>
    public int RestartMultiplier { get; init; } = 1;

    /// <summary>Checks every value and how they fit together.</summary>
    /// <exception cref="InvalidInputException">A value is impossible; the message names its <c>scheduler.key</c>.</exception>
    public void Validate()
    {
        WarmupRange.Check("scheduler.warmup_steps", WarmupSteps);
        RestartMultiplierRange.Check("scheduler.restart_mult", RestartMultiplier);
        if (RestartSteps is { } restartSteps)
        {
            RestartStepsRange.Check("scheduler.restart_steps", restartSteps);
        }
        else if (Type == ScheduleKind.Restarts)
        {
            throw new InvalidOptionException(
                "scheduler.restart_steps", "missing; scheduler.type restarts needs the length of the first cycle, in steps");
        }

        if (TotalSteps is { } totalSteps)
        {
            TotalStepsRange.Check("scheduler.total_steps", totalSteps);
            CheckWarmup(totalSteps, "scheduler.total_steps");
        }
    }

    /// <summary>The run's optimizer updates, from <see cref="TotalSteps"/> or from the epochs.</summary>
    /// <param name="epochs">Passes over the training data; used when <see cref="TotalSteps"/> is null.</param>
    /// <param name="stepsPerEpoch">Updates in one pass.</param>
    /// <exception cref="InvalidInputException">
    /// Neither is given, the run would be too long to count, or the warm-up is longer than the run.
    /// </exception>
    public int StepsFor(int? epochs, int stepsPerEpoch)
    {
        if (TotalSteps is { } totalSteps)
        {
            return totalSteps;
        }

        if (epochs is null)
        {
            throw new InvalidOptionException("scheduler.total_steps", "missing, and so is training.epochs; give one of them");
        }

        long steps = (long)epochs.Value * stepsPerEpoch;
        if (steps is < 1 or > int.MaxValue)
        {
            throw new InvalidOptionException(
                "training.epochs", $"{epochs} epochs of {stepsPerEpoch} steps make {steps} steps; expected 1 to {int.MaxValue}");
        }

        CheckWarmup((int)steps, $"training.epochs {epochs} times {stepsPerEpoch} steps =");
        return (int)steps;
    }

    private void CheckWarmup(int steps, string source)
    {
        if (WarmupSteps > steps)
        {
            throw new InvalidOptionException(
                "scheduler.warmup_steps", $"{WarmupSteps} is above {source} {steps}; the warm-up is part of the run");
        }
    }
}
