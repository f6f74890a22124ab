namespace Habla.Cli.Shell;

/// <summary>What a habla process answers to its caller.</summary>
internal static class ExitCode
{
    /// <summary>Everything that was asked for is done.</summary>
    public const int Done = 0;

    /// <summary>The run failed: it diverged, or a gate asked for with --gate was not met.</summary>
    public const int RunFailed = 1;

    /// <summary>Bad usage or bad input; nothing was changed.</summary>
    public const int BadInput = 2;

    /// <summary>Interrupted, after saving.</summary>
    public const int Interrupted = 130;
}
