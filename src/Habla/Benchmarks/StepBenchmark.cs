using System.Diagnostics;
using Habla.Tensors.Measuring;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Benchmarks;

/// <summary>
/// Times whole training steps of a preset, as <see cref="Trainer"/> makes them: forward, backward, clip, AdamW.
/// </summary>
public static class StepBenchmark
{
    private const int WarmUpSteps = 1000;
    private const double LeastWarmUpSeconds = 1;
    private const int FewestSteps = 5;

    /// <summary>Measures one preset. Run it in a process of its own when the peak memory matters.</summary>
    /// <param name="preset">What to train.</param>
    /// <param name="threads">Threads to compute on; at least 1.</param>
    /// <param name="seconds">How long to warm up and then to measure, each; at least five steps are measured anyway.</param>
    /// <param name="profile">Also says where the time goes, by operation; that measures a second time, with clocks in between.</param>
    /// <param name="precision">In what numbers to compute; default fp32.</param>
    public static StepMeasurement Measure(
        BenchmarkPreset preset, int threads, double seconds, bool profile = false, Precision precision = Precision.Fp32)
    {
        ArgumentNullException.ThrowIfNull(preset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(seconds);
        using var training = new PresetTraining(preset, threads, precision);
        Trainer trainer = training.Trainer;
        double peakBefore = FmaPeak.Measure(training.Pool);
        WarmUp(trainer, seconds);
        var times = new List<double>(1 << 16); // before the counting: it is no part of a step
        int collections = GC.CollectionCount(0);
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        TimeSteps(trainer, seconds, times);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        collections = GC.CollectionCount(0) - collections;
        double peak = Math.Max(peakBefore, FmaPeak.Measure(training.Pool));

        double forkJoin = ForkJoin.Measure(training.Pool), memory = Hardware.PeakMemoryMb();
        double median = Median.Of(times);
        double gflops = preset.FlopsPerStep / median / 1e9;
        return new StepMeasurement
        {
            Preset = preset.Name,
            Precision = precision,
            Parameters = training.Model.Parameters.Count,
            TokensPerStep = preset.TokensPerStep,
            Threads = threads,
            Steps = times.Count,
            MedianMs = median * 1e3,
            FastestMs = times.Min() * 1e3,
            TokensPerS = preset.TokensPerStep / median,
            Gflops = gflops,
            FmaPeakGflops = peak,
            Mfu = gflops / peak,
            ActivationBytes = trainer.Gradient.MemoryBytes.Activations,
            AllocatedBytesPerStep = allocated / times.Count,
            GarbageCollections = collections,
            ForkJoinUs = Math.Round(forkJoin, 3),
            PeakRssMb = memory,
            Profile = profile ? StepProfile.Measure(trainer, threads, seconds) : null,
        };
    }

    /// <summary>
    /// Until everything is compiled for good, which takes calls as well as time; a long step has calls enough in a few steps.
    /// </summary>
    private static void WarmUp(Trainer trainer, double seconds)
    {
        long start = Stopwatch.GetTimestamp();
        double elapsed = 0;
        for (int step = 0; step < 2 || elapsed < seconds || (step < WarmUpSteps && elapsed < LeastWarmUpSeconds); step++)
        {
            trainer.Step();
            elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    private static void TimeSteps(Trainer trainer, double seconds, List<double> times)
    {
        long start = Stopwatch.GetTimestamp(), last = start;
        while (times.Count < FewestSteps || Stopwatch.GetElapsedTime(start, last).TotalSeconds < seconds)
        {
            trainer.Step();
            long now = Stopwatch.GetTimestamp();
            times.Add(Stopwatch.GetElapsedTime(last, now).TotalSeconds);
            last = now;
        }
    }
}
