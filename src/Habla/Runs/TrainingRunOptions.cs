using Habla.Tracking;
using Habla.Training;

namespace Habla.Runs;

/// <summary>What a run needs to know besides its recipe: where to write, and on how many threads.</summary>
public sealed record TrainingRunOptions
{
    /// <summary>The run folder.</summary>
    public required string Folder { get; init; }

    /// <summary>What to do when the folder holds something. Default: refuse.</summary>
    public ExistingRun Existing { get; init; } = ExistingRun.Refuse;

    /// <summary>
    /// Keys, such as <c>training.val_every</c>, whose values may differ from the ones that a resumed run began with; only keys that
    /// change no weight. Default none.
    /// </summary>
    public IReadOnlyList<string> AllowedChanges { get; init; } = [];

    /// <summary>Threads to compute on; they change the speed and never a bit of the result. Default: all cores; at least 1.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// A folder written by <c>habla baseline</c> on the same data and tokenizer; null (the default) counts the n-grams anew.
    /// </summary>
    public string? BaselineFolder { get; init; }

    /// <summary>Whether to hold the run against an n-gram baseline at all. Default true.</summary>
    public bool WithBaseline { get; init; } = true;

    /// <summary>
    /// Whether a new run of 100 steps or more first tells what it will take, measured on a throw-away copy. Default true.
    /// </summary>
    public bool WithPreflight { get; init; } = true;

    /// <summary>
    /// Is told, once all is read and checked and before anything is measured, the data, a loop like the run's own, and the baseline's
    /// perplexity; not called for a run without a preflight. Default none.
    /// </summary>
    public Action<RunData, Trainer, double?>? BeforePreflight { get; init; }

    /// <summary>Asks <see cref="TrainingRun.Prepare"/> to give up; nothing is written then. Default never.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>The command line, for the manifest. Default empty.</summary>
    public IReadOnlyList<string> CommandLine { get; init; } = [];
}
