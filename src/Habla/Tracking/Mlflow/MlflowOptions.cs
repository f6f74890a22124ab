namespace Habla.Tracking.Mlflow;

/// <summary>How patient the sender is. Nothing here changes what is sent.</summary>
internal sealed record MlflowOptions
{
    /// <summary>How long one request may take. Default 30 s.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it may take until a server answers the call. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time between two looks at the spool. Default 2 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Wait after a first failure; each further one doubles it. Default 1 s.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two tries, also when a server asks for a longer one. Default 1 min.</summary>
    public TimeSpan MostDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a run that has ended waits for the rest to be sent. Default 10 s.</summary>
    public TimeSpan ClosingTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Failures in a row after which the end of a run no longer waits for the server. Default 2.</summary>
    public int ClosingFailures { get; init; } = 2;
}
