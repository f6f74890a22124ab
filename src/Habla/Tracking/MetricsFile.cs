using System.Text.Json.Serialization;
using Habla.Storage;

namespace Habla.Tracking;

/// <summary>
/// <c>training_metrics.json</c>: the run so far as five parallel arrays, for programs that plot. Rewritten whole, so that a reader never
/// sees half of it, at most once a second and, since a long run's file takes longer, for at most a twentieth of the time. That happens
/// on another thread than the caller's, which also loads what a resumed run has behind it.
/// </summary>
public sealed class MetricsFile : IDisposable
{
    private const int LeastRest = 19; // times as long as the rewriting took

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly TimeProvider _time;

    // The arrays belong to one rewriting after another; what they do not have yet belongs to the caller.
    private readonly Arrays _written = new([], [], [], [], []);
    private List<StepMetrics> _new = [];
    private IEnumerable<StepMetrics> _earlier;

    private Task _rewriting = Task.CompletedTask;
    private long _since;
    private TimeSpan _rest = Interval;

    /// <summary>Begins with the steps that a resumed run has behind it.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="earlier">Earlier steps, which are gone through when the file is first rewritten; empty for a new run.</param>
    /// <param name="time">The clock.</param>
    public MetricsFile(string path, IEnumerable<StepMetrics> earlier, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(earlier);
        ArgumentNullException.ThrowIfNull(time);
        (_path, _earlier, _time, _since) = (path, earlier, time, time.GetTimestamp());
    }

    /// <summary>Adds a step, and has the file rewritten when it is time.</summary>
    /// <param name="step">The step.</param>
    /// <exception cref="InvalidInputException">The file could not be written, or the earlier steps not be read.</exception>
    public void Add(StepMetrics step)
    {
        _new.Add(step);
        if (_rewriting.IsCompleted && (_rewriting.IsFaulted || _time.GetElapsedTime(_since) >= _rest))
        {
            Begin();
        }
    }

    /// <summary>Rewrites the file now, and waits for it.</summary>
    /// <exception cref="InvalidInputException">The file cannot be written, or the earlier steps not be read.</exception>
    public void Write()
    {
        Begin();
        _rewriting.GetAwaiter().GetResult();
    }

    /// <summary>Waits until nothing is being written; what goes wrong there is told by <see cref="Write"/> alone.</summary>
    public void Dispose() => Task.WaitAny(_rewriting);

    private void Begin()
    {
        _rewriting.GetAwaiter().GetResult();
        List<StepMetrics> added = _new;
        _new = [];
        _rewriting = Task.Run(() => Rewrite(added));
    }

    private void Rewrite(List<StepMetrics> added)
    {
        long start = _time.GetTimestamp();
        foreach (StepMetrics step in _earlier.Concat(added))
        {
            _written.Add(step);
        }

        _earlier = [];
        JsonFormat.WriteFile(_path, _written);
        _since = _time.GetTimestamp();
        TimeSpan rest = LeastRest * _time.GetElapsedTime(start, _since);
        _rest = rest > Interval ? rest : Interval;
    }

    /// <summary>The file's content; <c>val_loss</c> is null where nothing was evaluated, epochs count from 0, steps from 1.</summary>
    private sealed record Arrays(
        List<double> TrainLoss,
        [property: JsonPropertyName("val_loss")] List<double?> ValidationLoss,
        List<double> LearningRate,
        List<int> Epochs,
        List<int> Steps)
    {
        public void Add(StepMetrics step)
        {
            TrainLoss.Add(step.Loss);
            ValidationLoss.Add(step.ValidationLoss);
            LearningRate.Add(step.LearningRate);
            Epochs.Add(step.Epoch);
            Steps.Add(step.Step);
        }
    }
}
