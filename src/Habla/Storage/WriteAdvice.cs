namespace Habla.Storage;

/// <summary>What to do about a file that cannot be written.</summary>
internal static class WriteAdvice
{
    private const int NoSpace = 28, LinuxQuota = 122, MacQuota = 69, WindowsFull = unchecked((int)0x80070070);

    /// <summary>The next thing to do: space is only short where the system says so.</summary>
    /// <param name="error">What the system said.</param>
    public static string For(Exception error) => error switch
    {
        IOException { HResult: NoSpace or LinuxQuota or MacQuota or WindowsFull } => "free some space or choose another place",
        UnauthorizedAccessException => "check the permissions there or choose another place",
        _ => "choose another place",
    };
}
