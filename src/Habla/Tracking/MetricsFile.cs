using System.Text.Json.Serialization;
using Habla.Storage;

namespace Habla.Tracking;

/// <summary>
/// <c>training_metrics.json</c>: the run so far as five parallel arrays, for programs that plot. Rewritten whole, at most once a
/// second, so that a reader never sees half of it and a fast run does not spend its time writing.
/// </summary>
public sealed class MetricsFile
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly List<StepMetrics> _steps;
    private long _written;

    /// <summary>Begins with the steps that a resumed run has behind it.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="steps">Earlier steps; empty for a new run.</param>
    /// <param name="time">The clock.</param>
    public MetricsFile(string path, IReadOnlyList<StepMetrics> steps, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(time);
        (_path, _steps, _time) = (path, [.. steps], time);
        _written = time.GetTimestamp();
    }

    /// <summary>Adds a step, and rewrites the file when a second has passed.</summary>
    /// <param name="step">The step.</param>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public void Add(StepMetrics step)
    {
        _steps.Add(step);
        if (_time.GetElapsedTime(_written) >= Interval)
        {
            Write();
        }
    }

    /// <summary>Rewrites the file now.</summary>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public void Write()
    {
        JsonFormat.WriteFile(_path, new Arrays(
            [.. _steps.Select(step => step.Loss)],
            [.. _steps.Select(step => step.ValidationLoss)],
            [.. _steps.Select(step => step.LearningRate)],
            [.. _steps.Select(step => step.Epoch)],
            [.. _steps.Select(step => step.Step)]));
        _written = _time.GetTimestamp();
    }

    /// <summary>The file's content; <c>val_loss</c> is null where nothing was evaluated, epochs count from 0, steps from 1.</summary>
    private sealed record Arrays(
        double[] TrainLoss,
        [property: JsonPropertyName("val_loss")] double?[] ValidationLoss,
        double[] LearningRate,
        int[] Epochs,
        int[] Steps);
}
