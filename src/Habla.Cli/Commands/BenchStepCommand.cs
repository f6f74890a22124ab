using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Habla.Benchmarks;
using Habla.Storage;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Cli.Commands;

/// <summary>habla bench step: whole training steps of models of fixed size.</summary>
internal static class BenchStepCommand
{
    public static Command Create()
    {
        Option<string> preset = new("--preset")
        {
            Description = "names separated by commas; default all of them",
            DefaultValueFactory = _ => string.Join(',', BenchmarkPreset.All.Select(preset => preset.Name)),
        };
        Option<int> threads = CommonOptions.Threads();
        Option<double> seconds = CommonOptions.Number("--seconds", "how long to warm up and to measure each preset", 5);
        Option<Precision> precision = new("--precision")
        {
            Description = "in what numbers activations are stored and products multiply: fp32, bf16 or fp16; default fp32",
        };
        Option<bool> profile = new("--profile") { Description = "also where the time goes, by operation" };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("step", "whole training steps: forward, backward, clip, AdamW") 
        {
            preset, threads, seconds, precision, profile, json,
        };
        command.SetAction(parsed =>
        {
            IReadOnlyList<BenchmarkPreset> presets = BenchmarkPreset.Named(parsed.GetValue(preset)!);
            (int threadCount, double time, bool profiles) =
                (parsed.GetValue(threads), parsed.GetValue(seconds), parsed.GetValue(profile));
            Precision numbers = parsed.GetValue(precision);
            RequirePositive("--seconds", time);
            var measured = new List<StepMeasurement>();
            foreach (BenchmarkPreset one in presets)
            {
                StepMeasurement step = presets.Count == 1
                    ? StepBenchmark.Measure(one, threadCount, time, profiles, numbers)
                    : MeasureApart(one, threadCount, time, profiles, numbers);
                measured.Add(step);
                Tell(step);
            }

            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(new StepReport(Hardware.Current, measured));
            }

            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Refuses a number that is zero, below, or infinite.</summary>
    public static void RequirePositive(string option, double value)
    {
        if (!(value > 0 && double.IsFinite(value)))
        {
            throw new InvalidInputException(
                $"{option} {value.ToString(CultureInfo.InvariantCulture)}: expected a number above 0");
        }
    }

    /// <summary>In a process of its own, so that neither compiled code nor peak memory of one preset count for the next.</summary>
    private static StepMeasurement MeasureApart(BenchmarkPreset preset, int threads, double seconds, bool profile, Precision precision)
    {
        string[] arguments =
        [
            "bench", "step", "--preset", preset.Name, "--threads", threads.ToString(CultureInfo.InvariantCulture),
            "--seconds", seconds.ToString(CultureInfo.InvariantCulture), "--precision", precision.ToString(), "--json",
            .. profile ? ["--profile"] : Array.Empty<string>(),
        ];
        string self = Environment.ProcessPath!;
        bool startedByDotnet = Path.GetFileNameWithoutExtension(self) == "dotnet";
        using Process process = Process.Start(new ProcessStartInfo(
            self, startedByDotnet ? [Environment.GetCommandLineArgs()[0], .. arguments] : arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<StepReport>(output, JsonFormat.Line)!.Presets[0]
            : throw new InvalidInputException($"measuring {preset.Name} failed: {errors.Result.Trim()}");
    }

    private static void Tell(StepMeasurement step)
    {
        FormattableString speed =
            $"{step.TokensPerS,8:0} tokens/s  {step.Gflops,6:0.0} of {step.FmaPeakGflops:0.0} GFLOP/s (mfu {step.Mfu:0.000})";
        FormattableString memory =
            $"{step.PeakRssMb:0} MB ({step.ActivationBytes / 1e6:0.0} MB activations), {step.AllocatedBytesPerStep} managed bytes a step, ";
        FormattableString hands = $"{step.ForkJoinUs:0.0} µs to hand out work";
        Terminal.Say($"{step.Preset,-17} {step.MedianMs,9:0.000} ms  {speed}  {memory}{hands}");
        foreach (ProfileLine line in step.Profile ?? [])
        {
            Terminal.Say($"    {line.MsPerStep,10:0.000} ms {line.Share,6:0.0%}  {line.Name}");
        }
    }

    /// <summary>What --json writes.</summary>
    private sealed record StepReport(Hardware Machine, IReadOnlyList<StepMeasurement> Presets);
}
