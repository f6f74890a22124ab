using System.Collections.Concurrent;

namespace Habla.Tests.Tracking.Mlflow;

/// <summary>A run as the server has it.</summary>
internal sealed class MlflowServerRun
{
    public required string Id { get; init; }

    public required string ExperimentId { get; init; }

    public string? Name { get; init; }

    public long StartTime { get; init; }

    public long? EndTime { get; set; }

    public string Status { get; set; } = "RUNNING";

    public bool IsDeleted { get; set; }

    /// <summary>Every status it was given, in order.</summary>
    public List<string> Statuses { get; } = [];

    /// <summary>Every metric that arrived, in order; one that arrived twice stands here twice.</summary>
    public List<(string Key, double Value, long Timestamp, long Step)> Metrics { get; } = [];

    public Dictionary<string, string> Params { get; } = [];

    public Dictionary<string, string> Tags { get; } = [];

    public ConcurrentDictionary<string, byte[]> Artifacts { get; } = new();

    public IEnumerable<long> StepsOf(string key) => Metrics.Where(metric => metric.Key == key).Select(metric => metric.Step);

    public IEnumerable<double> ValuesOf(string key) => Metrics.Where(metric => metric.Key == key).Select(metric => metric.Value);
}
