namespace Habla.Ingestion;

/// <summary>Tells what goes wrong with one file from what goes wrong with the run.</summary>
internal static class OneFile
{
    /// <summary>
    /// Whether an error costs one file and not the run: all but a stop, and a disk that takes no more or a mistake of the user's, which
    /// the next file would meet as well.
    /// </summary>
    public static bool IsToBlame(Exception error) =>
        error is not (OperationCanceledException or InvalidInputException or IOException or UnauthorizedAccessException);

    /// <summary>What an error says, on one line.</summary>
    public static string Words(Exception error) => error.Message.ReplaceLineEndings(" ");
}
