namespace Habla.Benchmarks;

/// <summary>One measured step of <c>habla bench scale</c>; an entry of its JSON.</summary>
public sealed record ScalePoint
{
    /// <summary>What differs from the base.</summary>
    public required ScaleAxis Vary { get; init; }

    /// <summary>Its value: numbers, tokens, sequences or threads.</summary>
    public required int Value { get; init; }

    /// <summary>Threads that computed.</summary>
    public required int Threads { get; init; }

    /// <summary>Numbers that training changes.</summary>
    public required long Parameters { get; init; }

    /// <summary>Tokens that one step reads.</summary>
    public required int Tokens { get; init; }

    /// <summary>Median time of a step, in milliseconds.</summary>
    public required double MedianMs { get; init; }

    /// <summary>10⁹ operations of the model in a step (<see cref="BenchmarkPreset.FlopsPerStep"/>).</summary>
    public required double GflopPerStep { get; init; }

    /// <summary>10⁹ operations of the model a second; the same everywhere where time grows as the arithmetic does.</summary>
    public required double Gflops { get; init; }

    /// <summary>Model-FLOP utilisation: the former over what these threads can do at most, measured with the step.</summary>
    public required double Mfu { get; init; }

    /// <summary>The time that this step would take if each of its threads did its arithmetic as fast as another step's.</summary>
    /// <param name="other">The other step.</param>
    /// <returns>Milliseconds.</returns>
    public double MsAtTheSpeedOf(ScalePoint other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return other.MedianMs * (GflopPerStep / Threads) / (other.GflopPerStep / other.Threads);
    }
}
