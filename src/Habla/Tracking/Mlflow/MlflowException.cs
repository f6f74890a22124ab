namespace Habla.Tracking.Mlflow;

/// <summary>What to do after something could not be sent.</summary>
internal enum MlflowFailure
{
    /// <summary>It may go through later: no connection, no answer, a server in trouble.</summary>
    Passing,

    /// <summary>This content is not taken, now or later; other content may be.</summary>
    Refused,

    /// <summary>Nothing will go through until a person does something: credentials, a deleted experiment.</summary>
    Lasting,
}

/// <summary>Something could not be sent to a tracking server or written to a file store.</summary>
internal sealed class MlflowException : Exception
{
    public MlflowException(MlflowFailure failure, string message, Exception? inner = null)
        : base(message, inner) => Failure = failure;

    /// <summary>What to do about it.</summary>
    public MlflowFailure Failure { get; }

    /// <summary>The server's own word for what was wrong, such as <c>RESOURCE_DOES_NOT_EXIST</c>; empty when it gave none.</summary>
    public string ErrorCode { get; init; } = "";

    /// <summary>How long the server asked to wait; null when it did not.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
