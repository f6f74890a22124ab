namespace Habla.Tracking.Mlflow;

/// <summary>What <see cref="MlflowSync"/> did for one run folder.</summary>
/// <param name="Run">The run folder.</param>
/// <param name="Uri">The tracking server, or the file store's folder.</param>
/// <param name="Experiment">The experiment's name.</param>
/// <param name="RunId">The run's id there; null while the store has never been reached.</param>
/// <param name="Sent">Entries of the spool that were sent now.</param>
/// <param name="Left">Entries that are still to be sent; 0 when the store has everything.</param>
/// <param name="Refused">Entries that the store did not take, over the whole run.</param>
/// <param name="Problem">Why something is left or was refused; null when all went well.</param>
public sealed record MlflowSyncReport(
    string Run, string Uri, string Experiment, string? RunId, int Sent, int Left, int Refused, string? Problem);
