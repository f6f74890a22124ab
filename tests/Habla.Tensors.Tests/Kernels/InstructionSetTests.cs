using System.Diagnostics;
using System.Globalization;

namespace Habla.Tensors.Tests.Kernels;

/// <summary>
/// Every kernel gives the same bits when the runtime is told to use fewer instruction sets. That is decided when a process starts, so
/// each case is a process: this assembly run as a program.
/// </summary>
public class InstructionSetTests
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("DOTNET_EnableAVX512", 256)]
    [InlineData("DOTNET_EnableAVX2", 128)] // and with it the fused multiply-add: from here on it is computed in software
    [InlineData("DOTNET_EnableAVX", 128)]
    [InlineData("DOTNET_EnableHWIntrinsic", 0)]
    public void Without_an_instruction_set_every_kernel_gives_the_same_bits(string switchedOff, int widest)
    {
        string[] lines = Run(switchedOff);
        Assert.Equal(Math.Min(KernelHashes.SimdBits, widest), int.Parse(lines[0], CultureInfo.InvariantCulture));
        Assert.Equal(KernelHashes.Lines(), lines[1..]);
    }

    [Fact]
    public void A_hash_tells_results_apart()
    {
        string[] hashes = [.. KernelHashes.Lines().Select(line => line[line.LastIndexOf(' ')..])];
        Assert.Equal(hashes.Length, hashes.Distinct().Count());
    }

    private static string[] Run(string switchedOff)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var info = new ProcessStartInfo(dotnet, [typeof(Program).Assembly.Location]) { RedirectStandardOutput = true };
        info.Environment[switchedOff] = "0";
        using Process process = Process.Start(info)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeLimit))
        {
            process.Kill();
            Assert.Fail($"with {switchedOff}=0 the kernels took longer than {TimeLimit.TotalSeconds:0} seconds");
        }

        Assert.Equal(0, process.ExitCode);
        return output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
