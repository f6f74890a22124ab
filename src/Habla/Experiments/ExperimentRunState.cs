namespace Habla.Experiments;

/// <summary>What became of a run of an experiment.</summary>
public enum ExperimentRunState
{
    /// <summary>It has not begun.</summary>
    Pending,

    /// <summary>It was stopped, or killed, and goes on when the experiment is called again.</summary>
    Interrupted,

    /// <summary>It did all its steps.</summary>
    Finished,

    /// <summary>It diverged, or a file could not be written; see <see cref="ExperimentRow.Message"/>.</summary>
    Failed,
}
