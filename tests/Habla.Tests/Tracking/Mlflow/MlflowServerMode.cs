namespace Habla.Tests.Tracking.Mlflow;

/// <summary>How the server behaves.</summary>
public enum MlflowServerMode
{
    /// <summary>It answers.</summary>
    Fine,

    /// <summary>It does what it is asked, but answers only when the mode changes.</summary>
    Slow,

    /// <summary>It answers 500 and does nothing.</summary>
    Failing,

    /// <summary>It does what it is asked and answers 500.</summary>
    FailingAfterwards,

    /// <summary>It answers 429 and does nothing.</summary>
    TooManyRequests,
}
