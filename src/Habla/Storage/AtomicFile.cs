using System.Text;

namespace Habla.Storage;

/// <summary>
/// Writes whole files so that a reader never sees half of one: to a temporary name beside the target, flushed to disk,
/// then renamed over it, and the folder is flushed. A crash at any moment leaves either the old file or the new one.
/// </summary>
public static class AtomicFile
{
    /// <summary>Ends every temporary file's name; such a file may be deleted whenever no run is writing.</summary>
    public const string TemporarySuffix = ".partial";

    /// <summary>Writes a file through a stream.</summary>
    /// <param name="path">The file to create or replace; its folder is created when missing.</param>
    /// <param name="write">Writes the content to the stream it is given.</param>
    /// <exception cref="InvalidInputException">The file cannot be written (a read-only folder, a full disk).</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string temporary = path + TemporarySuffix;
        try
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            Directory.CreateDirectory(folder);
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
            FolderSync.Flush(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            throw new InvalidInputException(
                $"cannot write {path}: {error.Message} What was there before is untouched; "
                    + $"{WriteAdvice.For(error)}.", error);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    /// <summary>Writes text as UTF-8 without a byte-order mark.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="text">The whole content.</param>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public static void WriteText(string path, string text) =>
        Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The first failure is the one worth telling; a leftover temporary file harms nobody.
        }
    }
}
