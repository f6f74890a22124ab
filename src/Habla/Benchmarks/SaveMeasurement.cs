namespace Habla.Benchmarks;

/// <summary>What <c>habla bench save</c> found: what saving a checkpoint costs the loop. Times are medians in milliseconds.</summary>
public sealed record SaveMeasurement
{
    /// <summary>The preset's name.</summary>
    public required string Preset { get; init; }

    /// <summary>Numbers that training changes.</summary>
    public required long Parameters { get; init; }

    /// <summary>Bytes of one checkpoint: weights and two moments, four bytes a number each, and what stands around them.</summary>
    public required long Bytes { get; init; }

    /// <summary>Threads that computed.</summary>
    public required int Threads { get; init; }

    /// <summary>Pairs of steps that were timed, one alone and one with a save.</summary>
    public required int Pairs { get; init; }

    /// <summary>A step while nothing is written.</summary>
    public required double StepMs { get; init; }

    /// <summary>How long the loop stands still for a save: the time of the copy.</summary>
    public required double LoopMs { get; init; }

    /// <summary>Copy and step together, the save being written meanwhile.</summary>
    public required double StepWithSaveMs { get; init; }

    /// <summary>From the copy's end until the checkpoint is on disk, with nothing else going on.</summary>
    public required double WriteMs { get; init; }

    /// <summary>Processor time of that.</summary>
    public required double WriteCpuMs { get; init; }

    /// <summary>
    /// What a save takes from a step at most, when it is saved after each: the copy, and the writer's processor time out of all
    /// threads', over the time of a step. Divided by <c>checkpoint.every</c> it is the share of a run.
    /// </summary>
    public double ShareOfAStep => (LoopMs + (WriteCpuMs / Threads)) / StepMs;
}
