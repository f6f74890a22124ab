namespace Habla.Tracking.Mlflow;

/// <summary>What a line of the spool tells.</summary>
internal enum MlflowEntryKind
{
    /// <summary>The run begins: name, params, tags.</summary>
    Start,

    /// <summary>The run goes on after an interruption: tags.</summary>
    Resume,

    /// <summary>A step is done: metrics.</summary>
    Step,

    /// <summary>The run ends, for now: status, tags.</summary>
    End,

    /// <summary>A file of the run folder is ready to be sent.</summary>
    Artifact,
}

/// <summary>A line of <c>mlflow_spool.jsonl</c>: one event of a run, with all that a server has to hear of it.</summary>
internal sealed record MlflowEntry
{
    /// <summary>What it tells.</summary>
    public required MlflowEntryKind Kind { get; init; }

    /// <summary>When it happened, in milliseconds since 1970.</summary>
    public required long Time { get; init; }

    /// <summary>The run's name; with <see cref="MlflowEntryKind.Start"/>.</summary>
    public string? Name { get; init; }

    /// <summary>Who runs it; with <see cref="MlflowEntryKind.Start"/>.</summary>
    public string? User { get; init; }

    /// <summary>Updates done; with <see cref="MlflowEntryKind.Step"/>.</summary>
    public long? Step { get; init; }

    /// <summary>Numbers of a step by name, sorted.</summary>
    public SortedDictionary<string, double>? Metrics { get; init; }

    /// <summary>Settings by name, sorted.</summary>
    public SortedDictionary<string, string>? Params { get; init; }

    /// <summary>Notes by name, sorted.</summary>
    public SortedDictionary<string, string>? Tags { get; init; }

    /// <summary><c>FINISHED</c>, <c>FAILED</c> or <c>KILLED</c>; with <see cref="MlflowEntryKind.End"/>.</summary>
    public string? Status { get; init; }

    /// <summary>A file, relative to the run folder; with <see cref="MlflowEntryKind.Artifact"/>.</summary>
    public string? File { get; init; }
}
