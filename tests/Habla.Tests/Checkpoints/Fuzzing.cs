using FsCheck;
using Habla.Checkpoints;

namespace Habla.Tests.Checkpoints;

/// <summary>How the weights readers are fuzzed: the same files in every run, and what they may allocate.</summary>
internal static class Fuzzing
{
    /// <summary>A reader's own needs (streams, messages, exceptions), whatever the file.</summary>
    private const long Fixed = 64 << 10;

    /// <summary>Bytes for each byte of the file: a header becomes names, shapes and table entries.</summary>
    private const long Multiple = 10;

    /// <summary>So many files, the same in every run; a failure throws with the smallest that fails.</summary>
    public static Config Files(int count, ulong seed) => Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(seed, 2024_0607);

    /// <summary>
    /// Reads a file; passes when this ends in success or in a <see cref="SafetensorsException"/>. Any other exception goes on to FsCheck.
    /// </summary>
    /// <returns>Whether the file was read.</returns>
    public static bool Succeeds(byte[] file, Action<byte[]> read)
    {
        (bool succeeded, long allocated) = Measured(file, read);
        if (allocated > Bound(file))
        {
            // The first of a kind may load messages and compile code; the same file again may not.
            (succeeded, allocated) = Measured(file, read);
            Assert.InRange(allocated, 0, Bound(file));
        }

        return succeeded;
    }

    private static long Bound(byte[] file) => Fixed + (Multiple * file.Length);

    private static (bool Succeeded, long Allocated) Measured(byte[] file, Action<byte[]> read)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read(file);
            return (true, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        catch (SafetensorsException)
        {
            return (false, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }
}
