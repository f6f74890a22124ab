namespace Habla.Benchmarks;

/// <summary>What <c>habla bench gemm</c> found for one product.</summary>
public sealed record ProductMeasurement
{
    /// <summary>nn, nt or tn: which operand is stored transposed.</summary>
    public required string Form { get; init; }

    /// <summary>Rows of C.</summary>
    public required int M { get; init; }

    /// <summary>Columns of C.</summary>
    public required int N { get; init; }

    /// <summary>Products that each element of C sums.</summary>
    public required int K { get; init; }

    /// <summary>The preset whose step has it, or "square".</summary>
    public required string Source { get; init; }

    /// <summary>10⁹ operations a second, median over the rounds.</summary>
    public required double Gflops { get; init; }

    /// <summary>The former over the fused multiply-add peak of the same rounds.</summary>
    public required double OfPeak { get; init; }

    /// <summary>The peers' 10⁹ operations a second, medians over the rounds.</summary>
    public required IReadOnlyDictionary<string, double> PeerGflops { get; init; }

    /// <summary>How many times as fast as the faster of the peers: the median of the rounds' ratios; null without peers.</summary>
    public required double? RatioToFastestPeer { get; init; }
}
