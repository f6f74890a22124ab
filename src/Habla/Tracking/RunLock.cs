using System.Globalization;

namespace Habla.Tracking;

/// <summary>
/// Keeps a run folder for one process. The lock is an open file that nobody else may open, so the system releases it when the
/// process ends in whatever way; a file left by a killed process locks nothing.
/// </summary>
/// <remarks>
/// On Unix this is flock, which other programs may ignore. Who has the lock stands in a second file, because .NET does not open a
/// locked file even to read it.
/// </remarks>
public sealed class RunLock : IDisposable
{
    /// <summary>The name of the lock in a run folder; deleted when the lock is given back.</summary>
    public const string FileName = ".habla.lock";

    /// <summary>The name of the file that tells whose lock it is; it alone locks nothing.</summary>
    public const string OwnerFileName = ".habla.lock.owner";

    private const int UnixBusy = 11, MacBusy = 35, WindowsBusy = unchecked((int)0x80070020);

    private readonly FileStream _file;
    private readonly string _owner;

    private RunLock(FileStream file, string owner) => (_file, _owner) = (file, owner);

    /// <summary>Takes the lock of a folder.</summary>
    /// <param name="folder">An existing run folder.</param>
    /// <exception cref="InvalidInputException">Another process has it, or no file can be made there.</exception>
    public static RunLock Take(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string path = Path.Combine(folder, FileName), owner = Path.Combine(folder, OwnerFileName);
        try
        {
            // Deleted before it is unlocked; .NET opens anew when that happens between opening and locking.
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            var taken = new RunLock(file, owner);
            taken.TellOwner();
            return taken;
        }
        catch (IOException error) when (error.HResult is UnixBusy or MacBusy or WindowsBusy)
        {
            throw new InvalidInputException(
                $"{folder}: another habla is at work on this run ({Owner(owner)}); wait until it ends, stop it, "
                    + "or choose another folder", error);
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

    /// <summary>Whether a process is at work in a folder; where that cannot be told, one is taken to be.</summary>
    /// <param name="folder">Any folder.</param>
    public static bool IsTaken(string folder)
    {
        try
        {
            // Shared and without deleting, so that a run that begins this moment is not disturbed more than must be.
            string path = Path.Combine(folder, FileName);
            using FileStream? file = File.Exists(path) ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1) : null;
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>Gives the lock back.</summary>
    public void Dispose()
    {
        if (_file.CanWrite)
        {
            Quietly(() => File.Delete(_owner));
            _file.Dispose();
        }
    }

    private void TellOwner() => Quietly(() => File.WriteAllText(
        _owner, string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}\n")));

    private static string Owner(string path)
    {
        string owner = "";
        Quietly(() => owner = File.ReadAllText(path).Trim());
        return owner.Length > 0 ? owner : "which one cannot be told";
    }

    /// <summary>The owner's name is a help for people; the lock holds without it.</summary>
    private static void Quietly(Action work)
    {
        try
        {
            work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }
}
