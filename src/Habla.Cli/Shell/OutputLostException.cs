namespace Habla.Cli.Shell;

/// <summary>Standard output cannot be written, so what a command was asked for did not arrive.</summary>
/// <param name="cause">What the system said.</param>
internal sealed class OutputLostException(Exception cause) : Exception(cause.Message, cause);
