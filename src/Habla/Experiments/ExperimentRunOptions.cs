namespace Habla.Experiments;

/// <summary>How an experiment is carried out; nothing here changes a result.</summary>
public sealed record ExperimentRunOptions
{
    /// <summary>Threads in all; null (the default) for what the file says, or all cores.</summary>
    public int? Threads { get; init; }

    /// <summary>Runs side by side; null (the default) for what the file says, or as many as there are threads.</summary>
    public int? Parallel { get; init; }

    /// <summary>Whether runs that failed are made again. Default false: they are a result like any other.</summary>
    public bool Retry { get; init; }

    /// <summary>Whether runs of another recipe or other data, in the way of this experiment's, are replaced. Default false.</summary>
    public bool Force { get; init; }

    /// <summary>The command line, for the runs' manifests. Default empty.</summary>
    public IReadOnlyList<string> CommandLine { get; init; } = [];
}
