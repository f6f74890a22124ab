using Habla.Storage;

namespace Habla.Tracking;

/// <summary><c>train_log.jsonl</c>: one JSON object per step, appended as whole lines.</summary>
public static class MetricLog
{
    private static readonly JsonLines<StepMetrics> s_lines = new("step of a training log");

    /// <summary>Begins a log, or goes on with it: a half line and steps that a resumed run will write again are cut off.</summary>
    /// <param name="path">The log; created when missing.</param>
    /// <param name="afterStep">The last step to keep, which is that of the checkpoint resumed from; 0 (the default) for a new run.</param>
    /// <returns>The log, to be appended to; only what was cut off has been read.</returns>
    /// <exception cref="InvalidInputException">The file cannot be read or written.</exception>
    public static JsonLinesFile<StepMetrics> Open(string path, int afterStep = 0) =>
        s_lines.Open(path, afterStep == 0 ? null : step => step.Step <= afterStep);

    /// <summary>The whole lines of a log; a half line at its end, left by a killed run, does not count.</summary>
    /// <param name="path">An existing log.</param>
    /// <exception cref="InvalidInputException">The file cannot be read, or a whole line is no step.</exception>
    public static IReadOnlyList<StepMetrics> Read(string path) => [.. UpTo(path, int.MaxValue)];

    /// <summary>The steps up to a given one; the log is read as they are asked for.</summary>
    /// <param name="path">An existing log; it may be growing.</param>
    /// <param name="lastStep">The last step to read.</param>
    /// <exception cref="InvalidInputException">The file cannot be read, or a whole line is no step.</exception>
    public static IEnumerable<StepMetrics> UpTo(string path, int lastStep) =>
        s_lines.Read(path).Select(line => line.Line).TakeWhile(step => step.Step <= lastStep);
}
