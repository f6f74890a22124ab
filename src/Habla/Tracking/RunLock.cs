using System.Globalization;
using System.Text;

namespace Habla.Tracking;

/// <summary>
/// Keeps a run folder for one process. The lock is an open file that nobody else may open, so the system releases it when the
/// process ends in whatever way; a file left by a killed process locks nothing.
/// </summary>
/// <remarks>
/// On Unix this is flock, which other programs may ignore; the file holds the owner's process id and machine. On Windows nobody
/// else can read it, and the message names no process.
/// </remarks>
public sealed class RunLock : IDisposable
{
    /// <summary>The name of the lock in a run folder; deleted when the lock is given back.</summary>
    public const string FileName = ".habla.lock";

    private const int UnixBusy = 11, MacBusy = 35, WindowsBusy = unchecked((int)0x80070020);

    private readonly FileStream _file;

    private RunLock(FileStream file) => _file = file;

    /// <summary>Takes the lock of a folder.</summary>
    /// <param name="folder">An existing run folder.</param>
    /// <exception cref="InvalidInputException">Another process has it, or no file can be made there.</exception>
    public static RunLock Take(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string path = Path.Combine(folder, FileName);
        try
        {
            // Deleted before it is unlocked; .NET opens anew when that happens between opening and locking.
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            file.SetLength(0);
            file.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}\n")));
            file.Flush();
            return new RunLock(file);
        }
        catch (IOException error) when (error.HResult is UnixBusy or MacBusy or WindowsBusy)
        {
            throw new InvalidInputException(
                $"{folder}: another habla is at work on this run ({Owner(path)}); wait until it ends, stop it, or choose another folder", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{path}: cannot lock the run folder: {error.Message}", error);
        }
    }

    /// <summary>Refuses a folder that another process has locked; takes nothing.</summary>
    /// <param name="folder">Any folder.</param>
    /// <exception cref="InvalidInputException">Another process has it.</exception>
    public static void RefuseTaken(string folder)
    {
        if (File.Exists(Path.Combine(folder, FileName)))
        {
            Take(folder).Dispose();
        }
    }

    /// <summary>Gives the lock back.</summary>
    public void Dispose() => _file.Dispose();

    private static string Owner(string path)
    {
        try
        {
            // Sharing everything asks for no lock.
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(file);
            return reader.ReadLine() is { Length: > 0 } owner ? owner : "it has only just begun";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "its process cannot be told";
        }
    }
}
