using System.CommandLine;
using Habla.Benchmarks;
using Habla.Generation;
using Habla.Plotting;
using Habla.Tensors;
using Habla.Tensors.Measuring;
using Habla.Tensors.Threading;
using Habla.Tracking;

namespace Habla.Cli.Commands;

/// <summary>habla bench generate: how fast models of fixed size read prompts and say tokens.</summary>
internal static class BenchGenerateCommand
{
    public static Command Create()
    {
        Option<string> preset = new("--preset")
        {
            Description = "names separated by commas; default all of them",
            DefaultValueFactory = _ => string.Join(',', BenchmarkPreset.All.Select(preset => preset.Name)),
        };
        Option<string?> quantize = new("--quantize")
        {
            Description = "beside float32, weights as float16 or q8_0, separated by commas; default float32 alone",
        };
        Option<int> threads = CommonOptions.Threads();
        Option<double> seconds = CommonOptions.Number(
            "--seconds", "how long to warm up, to measure prompts and to measure tokens, each", 2);
        Option<string?> output = new("--out")
        {
            Description = $"the folder for {GenerationReport.NumbersFileName} and {GenerationReport.PlotFileName}: the speed at each "
                + "position, with and without a cache; without it nothing is written",
        };
        Option<string?> gguf = new("--gguf")
        {
            Description = "writes the models that would be measured into this folder, for llama.cpp, and measures nothing",
        };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("generate", "reading prompts and saying tokens, against the rate at which memory is read")
        {
            preset, quantize, threads, seconds, output, gguf, json,
        };
        command.SetAction(parsed =>
        {
            IReadOnlyList<BenchmarkPreset> presets = BenchmarkPreset.Named(parsed.GetValue(preset)!);
            WeightFormat[] formats = Formats(parsed.GetValue(quantize));
            BenchStepCommand.RequirePositive("--seconds", parsed.GetValue(seconds));
            if (parsed.GetValue(gguf) is { } models)
            {
                Export(presets, formats, models);
                return ExitCode.Done;
            }

            string? folder = parsed.GetValue(output);
            if (folder is not null)
            {
                ScaleReport.RequireFolder(folder);
            }

            GenerationReport report = Measure(presets, formats, parsed.GetValue(threads), parsed.GetValue(seconds), folder is not null);
            if (folder is not null && report.Write(folder, new Gnuplot()) is { } skipped)
            {
                Terminal.Say($"{skipped}");
            }

            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(report);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static WeightFormat[] Formats(string? quantize) =>
    [
        WeightFormat.Float32,
        .. (quantize ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(WeightFormats.Named).Where(format => format != WeightFormat.Float32).Distinct(),
    ];

    private static void Export(IReadOnlyList<BenchmarkPreset> presets, WeightFormat[] formats, string folder)
    {
        ScaleReport.RequireFolder(folder, "--gguf");
        foreach (BenchmarkPreset preset in presets)
        {
            foreach (WeightFormat format in formats)
            {
                Terminal.Say($"wrote {PresetFile.Write(preset, format, folder)}");
            }
        }
    }

    private static GenerationReport Measure(
        IReadOnlyList<BenchmarkPreset> presets, WeightFormat[] formats, int threads, double seconds, bool positions)
    {
        using var pool = new WorkerPool(threads);
        double one, all;
        using (var stream = new StreamRate())
        {
            (one, all) = (stream.Measure(WorkerPool.Serial), stream.Measure(pool));
        }

        Terminal.Say($"memory is read at {all / 1e9:0.0} GB/s ({one / 1e9:0.0} by one thread)");
        Terminal.Say($"preset            weights   prompt tokens/s  first token ms  tokens/s  ms a token  MB a token  of the memory's rate");
        var results = new List<GenerationMeasurement>();
        foreach (BenchmarkPreset preset in presets)
        {
            foreach (WeightFormat format in formats)
            {
                GenerationMeasurement found = GenerationBenchmark.Measure(preset, format, pool, all, seconds, positions);
                results.Add(found);
                FormattableString prompt = $"{found.PromptTokensPerS,15:0} {found.FirstTokenMs,15:0.000}";
                FormattableString token = $"{found.DecodeTokensPerS,9:0.0} {found.DecodeMedianMs,11:0.000}";
                FormattableString memory = $"{found.WeightBytesPerToken / 1e6,11:0.0} {found.BandwidthFraction,21:0.00}";
                Terminal.Say($"{found.Preset,-17} {found.Weights,-8} {prompt} {token} {memory}");
            }
        }

        return new GenerationReport(Hardware.Current, all / 1e9, one / 1e9, results);
    }
}
