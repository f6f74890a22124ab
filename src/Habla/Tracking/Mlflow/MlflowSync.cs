namespace Habla.Tracking.Mlflow;

/// <summary>Sends what a run could not send while it trained; each metric arrives once, however often this is done.</summary>
public static class MlflowSync
{
    private const int MostFailures = 4;

    /// <summary>Sends the rest of a run's spool and waits for it.</summary>
    /// <param name="path">A run folder.</param>
    /// <param name="time">The clock; null (the default) for the system's.</param>
    /// <exception cref="InvalidInputException">It is no run folder, the run is not tracked, or it is being trained right now.</exception>
    public static MlflowSyncReport Run(string path, TimeProvider? time = null) =>
        Run(path, new MlflowOptions(), time ?? TimeProvider.System);

    internal static MlflowSyncReport Run(string path, MlflowOptions options, TimeProvider time)
    {
        RunFolder folder = RunFolder.Open(path);
        if (!File.Exists(folder.MlflowFile) || !File.Exists(folder.MlflowSpoolFile))
        {
            throw new InvalidInputException(
                $"{path}: this run was not tracked with MLflow; train with --set tracking.mlflow.uri=http://HOST:PORT, or a folder");
        }

        MlflowState before = MlflowState.Read(folder.MlflowFile);
        using MlflowSender sender = MlflowSender.Start(folder, before, options, time, () => CloseKilled(folder))
            ?? throw new InvalidInputException(
                $"{path}: the run is being trained or sent by another process, which sends everything itself");
        sender.Finish(Timeout.InfiniteTimeSpan, MostFailures);
        MlflowState after = sender.State;
        int left = Entries(folder, after.SentBytes);
        return new MlflowSyncReport(
            path, after.Uri, after.Experiment, after.RunId, Entries(folder, before.SentBytes) - left, left, after.Refused, sender.Problem);
    }

    /// <summary>A run that nobody trains and that did not say its end was killed: so it is told, at the time of its last sign.</summary>
    private static void CloseKilled(RunFolder folder)
    {
        using MlflowSpool spool = MlflowSpool.Open(folder.MlflowSpoolFile, long.MaxValue);
        if (spool.Last is { Kind: not MlflowEntryKind.End } last)
        {
            spool.Append(new MlflowEntry { Kind = MlflowEntryKind.End, Time = last.Time, Status = MlflowStatus.Killed });
        }
    }

    private static int Entries(RunFolder folder, long from) => MlflowSpool.Read(folder.MlflowSpoolFile, from).Count;
}
