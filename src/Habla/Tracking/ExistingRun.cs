namespace Habla.Tracking;

/// <summary>What to do when a run's folder already holds something.</summary>
public enum ExistingRun
{
    /// <summary>Refuse, and leave everything as it is.</summary>
    Refuse,

    /// <summary>Delete the run that is there and start anew (<c>--force</c>).</summary>
    Replace,

    /// <summary>Go on with the run that is there (<c>--resume</c>).</summary>
    Resume,
}
