namespace Habla.Tracking.Mlflow;

/// <summary>
/// Where runs are told to: a tracking server or a folder. Everything may be done twice without harm, except <see cref="Log"/> with
/// metrics, which <see cref="LatestSteps"/> keeps from being sent again. Failures are <see cref="MlflowException"/>s.
/// </summary>
internal interface IMlflowStore : IDisposable
{
    /// <summary>The id of the experiment, which is created when there is none.</summary>
    Task<string> FindOrCreateExperiment(string name, CancellationToken stop);

    /// <summary>The run with the tag <see cref="MlflowTags.Key"/> of this value, or a new one with these tags.</summary>
    Task<MlflowRun> FindOrCreateRun(string experimentId, string key, MlflowEntry start, CancellationToken stop);

    /// <summary>The last step of each metric that the run has. Metrics go in the order of their steps: all before are there.</summary>
    Task<Dictionary<string, long>> LatestSteps(MlflowRun run, CancellationToken stop);

    /// <summary>Adds what is in the batch.</summary>
    Task Log(MlflowRun run, MlflowBatch batch, CancellationToken stop);

    /// <summary>Says how the run stands.</summary>
    Task Update(MlflowRun run, string status, long? endTime, CancellationToken stop);

    /// <summary>Keeps a file with the run.</summary>
    Task PutArtifact(MlflowRun run, string name, string file, CancellationToken stop);
}
