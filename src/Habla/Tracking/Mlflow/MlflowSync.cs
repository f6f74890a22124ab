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
        if (!MlflowState.IsIn(folder))
        {
            throw new InvalidInputException(
                $"{path}: this run was not tracked with MLflow; train with --set tracking.mlflow.uri=http://HOST:PORT, or a folder");
        }

        MlflowState before = MlflowState.Read(folder.MlflowFile);
        long upTo = 0;
        using MlflowSender sender = MlflowSender.TryStart(folder, Deliver, options, time)
            ?? throw new InvalidInputException(
                $"{path}: the run is being trained or sent by another process, which sends everything itself");
        sender.Finish(Timeout.InfiniteTimeSpan, MostFailures);
        MlflowState after = sender.State!;
        long[] ends = [.. MlflowSpool.Read(folder.MlflowSpoolFile, before.SentBytes).Select(line => line.End).Where(end => end <= upTo)];
        int left = ends.Count(end => end > after.SentBytes);
        return new MlflowSyncReport(
            path, after.Uri, after.Experiment, after.RunId, ends.Length - left, left, after.Refused, sender.Problem);

        MlflowDelivery Deliver()
        {
            upTo = Close(folder);
            before = MlflowState.Read(folder.MlflowFile); // once more: nobody else moves it on from here
            return MlflowDelivery.Open(folder, before, options, time, upTo);
        }
    }

    /// <summary>
    /// Sees to it that the spool says how the run ended. Only whoever has the run's lock writes the spool, so it is taken for as long
    /// as this lasts; a trainer may begin right after, and go on where this ends.
    /// </summary>
    /// <returns>The position after the spool's last line.</returns>
    private static long Close(RunFolder folder)
    {
        using var alone = RunLock.Take(folder.Path);
        MlflowEnd.Complete(folder);
        return new FileInfo(folder.MlflowSpoolFile).Length;
    }
}
