using Habla.Tracking;

namespace Habla.Runs;

/// <summary>How a training run ended.</summary>
/// <param name="Finished">Whether all steps were done; otherwise it was interrupted and can be resumed.</param>
/// <param name="Results">What it came to.</param>
/// <param name="Skipped">A line for each thing that could not be done, such as a picture without gnuplot.</param>
public sealed record TrainingOutcome(bool Finished, TrainingResults Results, IReadOnlyList<string> Skipped)
{
    /// <summary>The run's losses, learning rates and tokens; null when there is no step.</summary>
    public LossSummary? Losses { get; init; }

    /// <summary>What the last part of a resumed run did by itself; null for a run in one piece.</summary>
    public RunPart? Part { get; init; }

    /// <summary>
    /// Why the weights are of no use, and what to try; null when nothing says so (<see cref="Training.Health.EndCheck"/>).
    /// </summary>
    public string? Warning { get; init; }

    /// <summary>Where else the run was told to, or what of it is still to be sent, in a line; null when nowhere.</summary>
    public string? Tracked { get; init; }
}
