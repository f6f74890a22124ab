using Habla.Training;

namespace Habla.Benchmarks;

/// <summary>What <c>habla bench step</c> found for one preset; a line of its JSON.</summary>
public sealed record StepMeasurement
{
    /// <summary>The preset's name.</summary>
    public required string Preset { get; init; }

    /// <summary>In what numbers activations were stored and products multiplied.</summary>
    public required Precision Precision { get; init; }

    /// <summary>Numbers that training changes.</summary>
    public required long Parameters { get; init; }

    /// <summary>Tokens that one step reads.</summary>
    public required int TokensPerStep { get; init; }

    /// <summary>Threads that computed.</summary>
    public required int Threads { get; init; }

    /// <summary>Steps that were timed.</summary>
    public required int Steps { get; init; }

    /// <summary>Median time of a step, in milliseconds.</summary>
    public required double MedianMs { get; init; }

    /// <summary>Time of the fastest step, in milliseconds.</summary>
    public required double FastestMs { get; init; }

    /// <summary>Tokens a second, at the median.</summary>
    public required double TokensPerS { get; init; }

    /// <summary>10⁹ model operations a second (<see cref="BenchmarkPreset.FlopsPerStep"/>), at the median.</summary>
    public required double Gflops { get; init; }

    /// <summary>Fused multiply-adds of all threads, measured in the same process, in 10⁹ operations a second.</summary>
    public required double FmaPeakGflops { get; init; }

    /// <summary>Model-FLOP utilisation: the former over the latter.</summary>
    public required double Mfu { get; init; }

    /// <summary>Bytes that all threads' activations and their gradients take, float32 windows on 16-bit ones included.</summary>
    public required long ActivationBytes { get; init; }

    /// <summary>Bytes a step takes from the managed heap.</summary>
    public required long AllocatedBytesPerStep { get; init; }

    /// <summary>Garbage collections while the steps were timed.</summary>
    public required int GarbageCollections { get; init; }

    /// <summary>Microseconds it takes to hand work to all threads and to wait for them, when there is nothing to do.</summary>
    public required double ForkJoinUs { get; init; }

    /// <summary>The most memory the process had resident, in MiB.</summary>
    public required double PeakRssMb { get; init; }

    /// <summary>Where the time goes, the largest first; null unless asked for.</summary>
    public IReadOnlyList<ProfileLine>? Profile { get; init; }
}

/// <summary>One line of a profile.</summary>
/// <param name="Name">An operation, forward or backward, or a part of the step.</param>
/// <param name="MsPerStep">Milliseconds a step, summed over the threads that did it.</param>
/// <param name="Share">Its share of all threads' time.</param>
public sealed record ProfileLine(string Name, double MsPerStep, double Share);
