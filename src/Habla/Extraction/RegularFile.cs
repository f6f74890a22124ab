using System.Runtime.InteropServices;

namespace Habla.Extraction;

/// <summary>
/// Tells files from pipes, sockets and devices without opening them: opening a pipe waits for someone to write into it.
/// </summary>
internal static class RegularFile
{
    private const int ModeAt = 28;
    private const int TypeMask = 0xf000;

    /// <summary>What a path leads to that is no file, such as "a pipe"; null when it is a file, or when the system cannot say.</summary>
    public static string? WhatElse(string path)
    {
        // The layout of this answer is the same on every processor, unlike that of stat.
        byte[] answer = new byte[256];
        try
        {
            if (!OperatingSystem.IsLinux() || StatX(-100, Path.GetFullPath(path), 0, 1, answer) != 0)
            {
                return Directory.Exists(path) ? "a folder" : null;
            }
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            return null;
        }

        return (BitConverter.ToUInt16(answer, ModeAt) & TypeMask) switch
        {
            0x8000 => null,
            0x4000 => "a folder",
            0x1000 => "a pipe",
            0xc000 => "a socket",
            0x2000 or 0x6000 => "a device",
            _ => "no file",
        };
    }

    [DllImport("libc", EntryPoint = "statx", SetLastError = false)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatX(
        int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] answer);
}
