using Habla.Storage;

namespace Habla.Tracking.Mlflow;

/// <summary><c>mlflow.json</c>: which run of which store a run folder is, and how much of its spool has been sent there.</summary>
internal sealed record MlflowState
{
    /// <summary>What <see cref="Format"/> says in every such file.</summary>
    public const string FormatName = "habla-mlflow";

    /// <summary>Marks the file: <see cref="FormatName"/>.</summary>
    public string Format { get; init; } = FormatName;

    /// <summary>The tracking server's address, or the file store's folder as an absolute path.</summary>
    public required string Uri { get; init; }

    /// <summary>The experiment's name.</summary>
    public required string Experiment { get; init; }

    /// <summary>The value of the tag <see cref="MlflowTags.Key"/>, made up when the run begins.</summary>
    public required string Key { get; init; }

    /// <summary>The experiment's id; null until the store has been reached.</summary>
    public string? ExperimentId { get; init; }

    /// <summary>The run's id; null until the store has been reached.</summary>
    public string? RunId { get; init; }

    /// <summary>Where the store keeps the run's files.</summary>
    public string? ArtifactUri { get; init; }

    /// <summary>Bytes of the spool that have been sent: whole lines.</summary>
    public long SentBytes { get; init; }

    /// <summary>Entries that the store did not take.</summary>
    public int Refused { get; init; }

    /// <summary>The run, once the store knows it.</summary>
    internal MlflowRun? Run => RunId is null ? null : new MlflowRun(ExperimentId!, RunId, ArtifactUri!);

    /// <summary>Whether a run is tracked: it says where, and has something to send.</summary>
    /// <param name="folder">The run.</param>
    public static bool IsIn(RunFolder folder) => File.Exists(folder.MlflowFile) && File.Exists(folder.MlflowSpoolFile);

    /// <summary>The state of a run folder that is to be told to a store: what is there, or a new one when it was another store.</summary>
    /// <param name="path">The file; it need not exist.</param>
    /// <param name="uri">The store.</param>
    /// <param name="experiment">The experiment's name.</param>
    public static MlflowState For(string path, string uri, string experiment)
    {
        MlflowState? state = File.Exists(path) ? Read(path) : null;
        return state is not null && state.Uri == uri && state.Experiment == experiment
            ? state
            : new MlflowState { Uri = uri, Experiment = experiment, Key = Guid.NewGuid().ToString("N") };
    }

    /// <summary>Reads the file.</summary>
    /// <param name="path">A run's <c>mlflow.json</c>.</param>
    /// <exception cref="InvalidInputException">It is missing or something else.</exception>
    public static MlflowState Read(string path)
    {
        const string otherwise = "this does not say where a run is tracked";
        MlflowState state = JsonFormat.ReadFile<MlflowState>(path, otherwise);
        return state.Format == FormatName
            ? state
            : throw new InvalidInputException($"{path}: {otherwise}: expected \"format\": \"{FormatName}\"");
    }

    /// <summary>Writes the file.</summary>
    /// <param name="path">The file to create or replace.</param>
    public void Write(string path) => JsonFormat.WriteFile(path, this);
}
