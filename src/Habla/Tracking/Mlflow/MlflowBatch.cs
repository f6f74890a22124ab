namespace Habla.Tracking.Mlflow;

/// <summary>Metrics, params and tags that fit into one request.</summary>
internal sealed class MlflowBatch
{
    // {"key":"…","value":…,"timestamp":…,"step":…}, with the widest numbers there are.
    private const int FrameBytes = 120;

    private readonly List<MlflowMetric> _metrics = [];
    private readonly List<MlflowParam> _params = [];
    private readonly List<MlflowTag> _tags = [];
    private int _bytes;

    /// <summary>The metrics, in the order of their steps.</summary>
    public IReadOnlyList<MlflowMetric> Metrics => _metrics;

    /// <summary>The params.</summary>
    public IReadOnlyList<MlflowParam> Params => _params;

    /// <summary>The tags.</summary>
    public IReadOnlyList<MlflowTag> Tags => _tags;

    /// <summary>How many there are of all three.</summary>
    public int Count => _metrics.Count + _params.Count + _tags.Count;

    /// <summary>Adds a metric, unless the batch is full.</summary>
    public bool TryAdd(MlflowMetric metric) => TryAdd(_metrics, metric, MlflowLimits.MetricsPerBatch, MlflowLimits.BytesOf(metric.Key));

    /// <summary>Adds a param, unless the batch is full.</summary>
    public bool TryAdd(MlflowParam param) =>
        TryAdd(_params, param, MlflowLimits.ParamsPerBatch, MlflowLimits.BytesOf(param.Key) + MlflowLimits.BytesOf(param.Value));

    /// <summary>Adds a tag, unless the batch is full.</summary>
    public bool TryAdd(MlflowTag tag) =>
        TryAdd(_tags, tag, MlflowLimits.TagsPerBatch, MlflowLimits.BytesOf(tag.Key) + MlflowLimits.BytesOf(tag.Value));

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        _metrics.Clear();
        _params.Clear();
        _tags.Clear();
        _bytes = 0;
    }

    /// <summary>The same entries in two batches, each in its order; the way to find one that is refused.</summary>
    public IEnumerable<MlflowBatch> Halves()
    {
        MlflowBatch first = new(), second = new();
        int place = 0, half = Count / 2;
        MlflowBatch Next() => place++ < half ? first : second;
        _params.ForEach(param => Next().TryAdd(param));
        _metrics.ForEach(metric => Next().TryAdd(metric));
        _tags.ForEach(tag => Next().TryAdd(tag));
        return [first, second];
    }

    /// <summary>The first entry's kind and key, for messages.</summary>
    public override string ToString() =>
        _params.Count > 0 ? $"param {_params[0].Key}" : _metrics.Count > 0 ? $"metric {_metrics[0].Key}" : $"tag {_tags[0].Key}";

    private bool TryAdd<T>(List<T> list, T entry, int most, int bytes)
    {
        if (list.Count == most || Count == MlflowLimits.EntriesPerBatch || _bytes + bytes + FrameBytes > MlflowLimits.BytesPerBatch)
        {
            return false;
        }

        list.Add(entry);
        _bytes += bytes + FrameBytes;
        return true;
    }
}
