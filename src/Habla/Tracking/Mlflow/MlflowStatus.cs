namespace Habla.Tracking.Mlflow;

/// <summary>MLflow's words for how a run stands; a server ignores any other, with status 200.</summary>
internal static class MlflowStatus
{
    public const string Running = "RUNNING", Finished = "FINISHED", Failed = "FAILED", Killed = "KILLED";

    /// <summary>The word for a run that has ended.</summary>
    /// <param name="status">How it ended.</param>
    public static string Of(RunStatus status) => status switch
    {
        RunStatus.Running => Running,
        RunStatus.Finished => Finished,
        RunStatus.Failed => Failed,
        _ => Killed,
    };

    /// <summary>The number that a file store has for it.</summary>
    /// <param name="status">One of the words.</param>
    public static int NumberOf(string status) => status switch { Running => 1, Finished => 3, Failed => 4, _ => 5 };
}
