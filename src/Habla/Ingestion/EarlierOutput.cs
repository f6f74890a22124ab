using System.Text;

namespace Habla.Ingestion;

/// <summary>Tells a folder that an ingestion wrote: its documents are texts of other files, and would be read a second time.</summary>
internal static class EarlierOutput
{
    private const int BeginningOfReport = 256;

    // What a report begins with; another program may write a file of that name.
    private static readonly string[] _fields = ["\"version\"", "\"files\"", "\"documents\"", "\"characters\""];

    /// <summary>Whether a folder holds the report or the cache of an ingestion.</summary>
    /// <param name="entries">What is in it.</param>
    public static bool IsAmong(FileSystemInfo[] entries) => Array.Exists(
        entries, entry => entry is FileInfo { LinkTarget: null } file && (file.Name == IngestCache.Name || IsReport(file)));

    private static bool IsReport(FileInfo file)
    {
        if (file.Name != IngestReport.Name || file.Length == 0)
        {
            return false;
        }

        try
        {
            using FileStream stream = file.OpenRead();
            byte[] beginning = new byte[BeginningOfReport];
            string text = Encoding.UTF8.GetString(beginning, 0, stream.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false));
            return Array.TrueForAll(_fields, field => text.Contains(field, StringComparison.Ordinal));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false; // it is a line of the report when its turn comes
        }
    }
}
