using Habla.Tensors.Measuring;
using Habla.Tensors.Threading;

namespace Habla.Benchmarks;

/// <summary>
/// Times matrix products against the machine's fused multiply-add peak and against other libraries. All take turns, round by round,
/// and what is compared is compared within a round, because the speed of a shared machine changes from one second to the next.
/// </summary>
public static class ProductBenchmark
{
    /// <summary>Measures.</summary>
    /// <param name="shapes">The products.</param>
    /// <param name="threads">Threads to compute on; the peers are told the same.</param>
    /// <param name="seconds">How long each is timed in a round.</param>
    /// <param name="rounds">Rounds; medians over them are given.</param>
    /// <param name="peers">Programs such as "openblas=bench/peers/gemm_openblas".</param>
    /// <returns>A measurement for each shape, as soon as it is there.</returns>
    /// <exception cref="InvalidInputException">
    /// Two peers have one name; or a peer does not start or answers something else than times.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">Rounds or seconds are not above 0.</exception>
    public static IEnumerable<ProductMeasurement> Measure(
        IReadOnlyList<ProductShape> shapes, int threads, double seconds, int rounds, IReadOnlyList<string> peers)
    {
        ArgumentNullException.ThrowIfNull(shapes);
        ArgumentNullException.ThrowIfNull(peers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rounds);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(seconds);
        if (peers.GroupBy(peer => peer.Split('=')[0]).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new InvalidInputException($"two peers are called {twice.Key}; give each a name of its own");
        }

        return MeasureInTurns(shapes, threads, seconds, rounds, peers);
    }

    private static IEnumerable<ProductMeasurement> MeasureInTurns(
        IReadOnlyList<ProductShape> shapes, int threads, double seconds, int rounds, IReadOnlyList<string> peers)
    {
        using var pool = new WorkerPool(threads);
        var programs = new List<ProductPeer>();
        try
        {
            programs.AddRange(peers.Select(peer => new ProductPeer(peer, threads)));
            foreach (ProductShape shape in shapes)
            {
                yield return Measure(shape, pool, seconds, rounds, programs);
            }
        }
        finally
        {
            programs.ForEach(program => program.Dispose());
        }
    }

    private static ProductMeasurement Measure(
        ProductShape shape, WorkerPool pool, double seconds, int rounds, List<ProductPeer> peers)
    {
        using var product = new MatrixProduct(shape.Form, shape.M, shape.N, shape.K);
        product.Time(pool, seconds); // compiles the kernels
        var times = new double[rounds];
        var peaks = new double[rounds];
        var peerTimes = new double[rounds][];
        for (int round = 0; round < rounds; round++)
        {
            peaks[round] = FmaPeak.Measure(pool);
            times[round] = product.Time(pool, seconds).Median;
            peerTimes[round] = [.. peers.Select(peer => peer.Time(shape, seconds))];
        }

        return new ProductMeasurement
        {
            Form = shape.Form.ToString().ToLowerInvariant(),
            M = shape.M,
            N = shape.N,
            K = shape.K,
            Source = shape.Source,
            Gflops = product.Flops / Median.Of(times) / 1e9,
            OfPeak = Median.Of(times.Zip(peaks, (time, peak) => product.Flops / time / 1e9 / peak)),
            PeerGflops = peers.Index().ToDictionary(
                peer => peer.Item.Name, peer => product.Flops / Median.Of(peerTimes.Select(round => round[peer.Index])) / 1e9),
            RatioToFastestPeer = peers.Count == 0 ? null : Median.Of(times.Zip(peerTimes, (time, others) => others.Min() / time)),
        };
    }
}
