using System.CommandLine;
using Habla.Benchmarks;
using Habla.Plotting;
using Habla.Tracking;

namespace Habla.Cli.Commands;

/// <summary>habla bench scale: how the time of a step grows with width, sequence length, batch and threads.</summary>
internal static class BenchScaleCommand
{
    public static Command Create()
    {
        Option<string> vary = new("--vary")
        {
            Description = "what to vary, separated by commas; default all of it",
            DefaultValueFactory = _ => string.Join(',', ScaleBenchmark.Axes.Select(ScaleBenchmark.Name)),
        };
        Option<int> threads = CommonOptions.Threads();
        Option<double> seconds = CommonOptions.Number("--seconds", "how long to warm up and to measure each step", 2);
        Option<string> output = new("--out")
        {
            Description = "the folder for scale.json and scale.png; without it nothing is written",
        };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("scale", "training steps of growing size: does the time grow as the arithmetic does?")
        {
            vary, threads, seconds, output, json,
        };
        command.SetAction(parsed =>
        {
            IReadOnlyList<ScaleAxis> axes = ScaleBenchmark.Named(parsed.GetValue(vary)!);
            BenchStepCommand.RequirePositive("--seconds", parsed.GetValue(seconds));
            string? folder = parsed.GetValue(output);
            if (folder is not null)
            {
                ScaleReport.RequireFolder(folder);
            }

            var basis = new ScaleSetting { Threads = parsed.GetValue(threads) };
            var report = new ScaleReport(Hardware.Current, basis, Measure(basis, axes, parsed.GetValue(seconds)));
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

    private static List<ScalePoint> Measure(ScaleSetting basis, IReadOnlyList<ScaleAxis> axes, double seconds)
    {
        var points = new List<ScalePoint>();
        Terminal.Say($"vary             value  parameters   tokens      ms a step  GFLOP a step  GFLOP/s    mfu");
        foreach (ScaleAxis axis in axes)
        {
            foreach (int value in ScaleBenchmark.Values(axis, basis.Threads))
            {
                ScalePoint point = ScaleBenchmark.Measure(basis, axis, value, seconds);
                points.Add(point);
                FormattableString size = $"{ScaleBenchmark.Name(axis),-16} {value,5} {point.Parameters,11} {point.Tokens,8}";
                Terminal.Say($"{size} {point.MedianMs,14:0.000} {point.GflopPerStep,13:0.00} {point.Gflops,8:0.0} {point.Mfu,6:0.000}");
            }
        }

        return points;
    }
}
