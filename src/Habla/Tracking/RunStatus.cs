namespace Habla.Tracking;

/// <summary>How a run stands.</summary>
public enum RunStatus
{
    /// <summary>It goes on, or was killed before it could say otherwise.</summary>
    Running,

    /// <summary>It did all its steps.</summary>
    Finished,

    /// <summary>It stopped on an error, such as a loss that is not a number.</summary>
    Failed,

    /// <summary>It was interrupted and saved itself; it can be resumed.</summary>
    Interrupted,
}
