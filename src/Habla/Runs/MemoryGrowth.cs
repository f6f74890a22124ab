using Habla.Tracking;

namespace Habla.Runs;

/// <summary>
/// What a process takes on beyond what it held while it was measured: the first steps have not compiled, logged and thrown away all that
/// a whole run does. .NET tells none of it beforehand, so these are measurements: what real runs of 100 to 100,000 steps took in the end,
/// less what they had at the end of measuring.
/// </summary>
internal static class MemoryGrowth
{
    /// <summary>
    /// Code that is compiled, or compiled better, only after the measured steps, and libraries that only a run's end loads.
    /// </summary>
    private const double CodeMb = 14;

    /// <summary>
    /// The garbage of a step (its event and lines of text) and the most of it before .NET collects it, which goes by the cache.
    /// </summary>
    private const double GarbageMbAStep = 0.012, GarbageMbAtMost = 24;

    /// <summary>
    /// What each step leaves in memory for <c>training_metrics.json</c> and the pictures: 88 MB between 100,000 and 400,000 steps.
    /// </summary>
    private const int BytesKeptAStep = 320;

    /// <summary>Client, sender and their buffers.</summary>
    private const double MlflowMb = 10;

    /// <summary>How much more a run will hold than when it was measured, its checkpoints' copy apart, in MiB.</summary>
    /// <param name="steps">All of its steps.</param>
    /// <param name="tracking">Whom it tells.</param>
    public static double Megabytes(int steps, TrackingOptions tracking) => Math.Round(
        CodeMb + Math.Min(GarbageMbAtMost, GarbageMbAStep * steps) + PreflightEstimate.Megabytes((long)BytesKeptAStep * steps)
        + (tracking.MlflowUri is null ? 0 : MlflowMb), 2);
}
