using System.Diagnostics;

namespace Habla.Tensors.Measuring;

/// <summary>
/// Sums up how long each kind of operation takes on a tape, forward and backward. An operation is recorded when its forward is
/// done, so the time since the one before is its own.
/// </summary>
public sealed class OperationTimes
{
    private readonly Dictionary<Type, long> _forward = [], _backward = [];
    private long _last;

    /// <summary>Name of each kind of operation with its time in seconds.</summary>
    public IEnumerable<(string Name, double Seconds)> Totals =>
    [
        .. _forward.Select(pair => ($"{pair.Key.Name} forward", (double)pair.Value / Stopwatch.Frequency)),
        .. _backward.Select(pair => ($"{pair.Key.Name} backward", (double)pair.Value / Stopwatch.Frequency)),
    ];

    /// <summary>A pass begins.</summary>
    public void Start() => _last = Stopwatch.GetTimestamp();

    internal void AddForward(Operation operation) => Add(_forward, operation);

    internal void AddBackward(Operation operation) => Add(_backward, operation);

    private void Add(Dictionary<Type, long> times, Operation operation)
    {
        long now = Stopwatch.GetTimestamp();
        times[operation.GetType()] = times.GetValueOrDefault(operation.GetType()) + now - _last;
        _last = now;
    }
}
