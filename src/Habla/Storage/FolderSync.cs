using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Habla.Storage;

/// <summary>
/// Brings a folder's list of names to the disk. A rename is with the system at once, so a killed process loses nothing; without this
/// a power failure could take the name back while the bytes are there.
/// </summary>
/// <remarks>.NET opens no folders, so this calls the C library on Linux; elsewhere it does nothing.</remarks>
public static class FolderSync
{
    private const int NotSupported = 22, ReadOnly = 0, CloseOnExec = 0x80000;

    /// <summary>Flushes a folder.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <exception cref="IOException">The disk did not take it.</exception>
    public static void Flush(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        int handle = Open(folder, ReadOnly | CloseOnExec);
        if (handle < 0)
        {
            return; // a folder that may be written to but not read
        }

        try
        {
            if (Sync(handle) != 0 && Marshal.GetLastPInvokeError() is var error and not NotSupported)
            {
                throw new IOException($"{folder}: {new Win32Exception(error).Message}");
            }
        }
        finally
        {
            _ = Close(handle);
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Sync(int handle);

    [DllImport("libc", EntryPoint = "close"), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Close(int handle);
}
