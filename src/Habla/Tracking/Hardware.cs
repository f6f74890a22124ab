using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Habla.Tracking;

/// <summary>The machine a run was computed on. It decides how fast the run was, never what came out.</summary>
/// <param name="Cpu">The processor's model, or its architecture where the system does not tell the model.</param>
/// <param name="Cores">Logical processors that this process may use.</param>
/// <param name="SimdBits">Width of the widest vector instructions that .NET uses, in bits.</param>
/// <param name="MemoryMb">Memory that this process may use, in MiB.</param>
public sealed record Hardware(string Cpu, int Cores, int SimdBits, long MemoryMb)
{
    /// <summary>The machine of this process.</summary>
    public static Hardware Current { get; } = new(
        CpuModel(),
        Environment.ProcessorCount,
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20);

    /// <summary>The most memory this process has used so far, in MiB.</summary>
    public static double PeakMemoryMb()
    {
        using var process = Process.GetCurrentProcess();
        return Math.Round(process.PeakWorkingSet64 / (double)(1 << 20), 1);
    }

    private static string CpuModel()
    {
        try
        {
            string? line = File.ReadLines("/proc/cpuinfo")
                .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
            if (line is not null)
            {
                return line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Not Linux, or a sandbox: the architecture has to do.
        }

        return RuntimeInformation.ProcessArchitecture.ToString();
    }
}
