using System.CommandLine;
using Habla.Benchmarks;

namespace Habla.Cli.Commands;

/// <summary>habla bench: how fast the engine is on this machine.</summary>
internal static class BenchCommand
{
    public static Command Create() => new("bench", "how fast the engine is here, against the machine's own limit") { Step(), Gemm() };

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

    private static Command Gemm()
    {
        Option<string> shapes = new("--shapes") { DefaultValueFactory = _ => "nt,256,768,768" };
        Option<int> threads = CommonOptions.Threads();
        var command = new Command("gemm", "matrix products") { shapes, threads };
        command.SetAction(parsed =>
        {
            using var pool = new Habla.Tensors.Threading.WorkerPool(parsed.GetValue(threads));
            double peak = Habla.Tensors.Measuring.FmaPeak.Measure(pool, 30);
            foreach (string shape in parsed.GetValue(shapes)!.Split(' '))
            {
                string[] f = shape.Split(',');
                int M = int.Parse(f[1]), N = int.Parse(f[2]), K = int.Parse(f[3]);
                foreach (var form in Enum.GetValues<Habla.Tensors.Measuring.ProductForm>())
                {
                    if (f[0] != "all" && f[0] != form.ToString().ToLowerInvariant()) continue;
                    using var product = new Habla.Tensors.Measuring.MatrixProduct(form, M, N, K);
                    product.Time(pool, 0.2);
                    var (median, best) = product.Time(pool, 0.5);
                    Terminal.Say($"{form} {M}x{N}x{K}: median {product.Flops / median / 1e9:0.0} best {product.Flops / best / 1e9:0.0} of {peak:0.0}: {product.Flops / median / 1e9 / peak:0.00} {product.Flops / best / 1e9 / peak:0.00}");
                }
            }

            return ExitCode.Done;
        });
        return command;
    }
}
