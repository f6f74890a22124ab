using System.CommandLine;
using Habla.Benchmarks;

namespace Habla.Cli.Commands;

/// <summary>habla bench: how fast the engine is on this machine.</summary>
internal static class BenchCommand
{
    public static Command Create() => new("bench", "how fast the engine is here, against the machine's own limit") { Step() };

    private static Command Step()
    {
        Option<string> preset = new("--preset")
        {
            Description = "names separated by commas", DefaultValueFactory = _ => string.Join(',', BenchmarkPreset.All.Select(p => p.Name)),
        };
        Option<int> threads = CommonOptions.Threads();
        Option<double> seconds = CommonOptions.Number("--seconds", "how long to warm up and to measure each preset", 5);
        Option<bool> profile = new("--profile") { Description = "also where the time goes, by operation" };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("step", "whole training steps: forward, backward, clip, AdamW") { preset, threads, seconds, profile, json };
        command.SetAction(parsed =>
        {
            foreach (BenchmarkPreset one in BenchmarkPreset.Named(parsed.GetValue(preset)!))
            {
                StepMeasurement m = StepBenchmark.Measure(
                    one, parsed.GetValue(threads), parsed.GetValue(seconds), parsed.GetValue(profile));
                Terminal.Say($"{m.Preset,-17} {m.MedianMs,10:0.000} ms  (fastest {m.FastestMs:0.000})  {m.Gflops,7:0.0} of {m.FmaPeakGflops:0.0} GFLOP/s  mfu {m.Mfu:0.000}  {m.AllocatedBytesPerStep} B  {m.GarbageCollections} GCs {m.PeakRssMb} MB");
                foreach (ProfileLine line in m.Profile ?? [])
                {
                    Terminal.Say($"    {line.MsPerStep,10:0.000} ms {line.Share,6:0.0%}  {line.Name}");
                }
            }

            return ExitCode.Done;
        });
        return command;
    }
}
