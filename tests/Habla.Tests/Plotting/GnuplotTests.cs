using System.Buffers.Binary;
using System.Diagnostics;
using Habla.Baselines;
using Habla.Plotting;
using Habla.Tracking;

namespace Habla.Tests.Plotting;

public sealed class GnuplotTests : IDisposable
{
    private static readonly Plot Sample = new(
        "it's a 'plot' with _underscores_ and {braces} \\ \"quotes\"\nand lines",
        "step",
        "loss",
        [
            new PlotSeries("train", [(0, 3), (1, double.NaN), (2, 1)], PlotStyle.Train),
            new PlotSeries("rate", [(0, 0.1), (2, 0.2)], PlotStyle.LearningRate) { OnRightAxis = true, Label = "end" },
            PlotSeries.Horizontal("baseline", 0, 2, 2, PlotStyle.Baseline),
            new PlotSeries("nothing", [(0, double.NaN)], PlotStyle.Validation),
        ])
    {
        RightLabel = "rate",
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("habla-plots-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [GnuplotFact]
    public void A_plot_becomes_a_png_of_the_stated_size_with_the_same_bytes_each_time()
    {
        string path = Path.Combine(_folder, "plot.png");

        Assert.Null(new Gnuplot().Draw(path, Sample));
        byte[] first = File.ReadAllBytes(path);
        Assert.Null(new Gnuplot().Draw(path, Sample));

        Assert.Equal(first, File.ReadAllBytes(path));
        Assert.Equal((900, 540), Size(first));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [GnuplotFact]
    public void Several_plots_stand_one_above_the_other()
    {
        string path = Path.Combine(_folder, "plot.png");

        Assert.Null(new Gnuplot().Draw(path, [Sample, Sample with { LogarithmicY = true, RightLabel = "", Series = [Sample.Series[0]] }]));

        Assert.Equal((900, 800), Size(File.ReadAllBytes(path)));
    }

    [GnuplotFact]
    public void Plots_stand_beside_each_other_under_a_title_of_their_own()
    {
        string path = Path.Combine(_folder, "plot.png");
        Plot logarithmic = Sample with
        {
            LogarithmicX = true, LogarithmicY = true, XMarks = [1, 2], YMarks = [1, 3], Series = [Sample.Series[0]], RightLabel = "",
        };

        Assert.Null(new Gnuplot().Draw(path, [Sample, logarithmic, Sample], columns: 2, title: "it's\ntwo lines"));

        Assert.Equal((1400, 872), Size(File.ReadAllBytes(path)));
    }

    [Fact]
    public void A_panel_takes_back_the_scales_and_marks_of_the_one_before()
    {
        Plot logarithmic = Sample with { LogarithmicX = true, XMarks = [1, 2], YMarks = [1, 3], Series = [Sample.Series[0]] };

        string[] lines = PlotScript.Of([logarithmic, Sample]).Split('\n');

        Assert.Equal(
            ["set xtics (1, 2)", "set xtics autofreq"], lines.Where(line => line.StartsWith("set xtics", StringComparison.Ordinal)));
        Assert.Equal(
            ["set ytics (1, 3)", "set ytics autofreq"], lines.Where(line => line.StartsWith("set ytics", StringComparison.Ordinal)));
        Assert.Equal(["set logscale x", "unset logscale x"], lines.Where(line => line.EndsWith("logscale x", StringComparison.Ordinal)));
        Assert.Equal(
            ["set yrange [0.84:3.16]", "set yrange [*:*]"], lines.Where(line => line.StartsWith("set yrange", StringComparison.Ordinal)));
        Assert.Equal("set xrange [1:4]", lines.First(line => line.StartsWith("set xrange", StringComparison.Ordinal)));
    }

    [Fact]
    public void Names_stand_at_whole_numbers_and_are_taken_literally()
    {
        string[] lines = PlotScript.Of([Sample with { XNames = ["embed_out", "it's"] }, Sample]).Split('\n');

        Assert.Equal(
            ["set xtics ('embed_out' 0, 'it''s' 1)", "set xtics autofreq"],
            lines.Where(line => line.StartsWith("set xtics", StringComparison.Ordinal)));
    }

    [GnuplotFact]
    public void A_plot_without_data_is_drawn_all_the_same()
    {
        Assert.Null(new Gnuplot().Draw(Path.Combine(_folder, "plot.png"), Sample with { Series = [], RightLabel = "" }));
    }

    [Fact]
    public void What_keeps_several_pictures_from_being_drawn_is_said_once()
    {
        List<string> skipped = new Gnuplot("no-such-gnuplot").DrawAll(
            (Path.Combine(_folder, "one.png"), [Sample]), (Path.Combine(_folder, "two.png"), [Sample]));

        Assert.Equal(
            ["one.png, two.png were not drawn: no-such-gnuplot is not installed; install it with `apt-get install gnuplot-nox`"], skipped);
    }

    [Fact]
    public void Without_gnuplot_one_line_says_what_was_skipped_and_how_to_get_it()
    {
        string? skipped = new Gnuplot("no-such-gnuplot").Draw(Path.Combine(_folder, "loss_curve.png"), Sample);

        Assert.Equal(
            "loss_curve.png was not drawn: no-such-gnuplot is not installed; install it with `apt-get install gnuplot-nox`", skipped);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_program_that_fails_or_hangs_is_one_line_too()
    {
        if (OperatingSystem.IsWindows())
            return;
        Assert.Contains("failed (Oops)", new Gnuplot(Script("echo Oops >&2; exit 3"))
            .Draw(Path.Combine(_folder, "a.png"), Sample), StringComparison.Ordinal);

        var clock = Stopwatch.StartNew();
        string? skipped = new Gnuplot(Script("exec sleep 60"), TimeSpan.FromSeconds(1)).Draw(Path.Combine(_folder, "b.png"), Sample);
        Assert.Contains("took longer than 1 seconds", skipped, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
        Assert.Empty(Directory.GetFiles(_folder, "*.png"));
    }

    [Fact]
    public void The_best_baseline_is_marked_with_its_order_and_perplexity()
    {
        int[][] train = [[0, 3, 4, 5, 1], [0, 3, 4, 2, 1], [0, 4, 5, 3, 1]];
        BaselineResult result = NgramBaseline.Run(train, train, 6, 3);

        Plot plot = BaselinePlot.Of(result);

        Assert.Equal(3, plot.Series.Count);
        Assert.All(plot.Series.Take(2), series => Assert.Equal([1.0, 2.0, 3.0], series.Points.Select(point => point.X)));
        Assert.Equal([(result.Best.Order, result.Best.ValPpl)], plot.Series[2].Points);
        Assert.Contains($"n = {result.Best.Order}", plot.Series[2].Label, StringComparison.Ordinal);
        if (IsInstalled())
            Assert.Null(new Gnuplot().Draw(Path.Combine(_folder, "perplexity_vs_n.png"), plot));
    }

    private static bool IsInstalled() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, "gnuplot")));

    private static (int Width, int Height) Size(byte[] png) =>
        (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)));

    private string Script(string body)
    {
        string path = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        File.WriteAllText(path, "#!/bin/sh\n" + body + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
