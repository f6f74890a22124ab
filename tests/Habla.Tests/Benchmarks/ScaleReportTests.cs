using System.Text.Json;
using Habla.Benchmarks;
using Habla.Plotting;
using Habla.Tests.Plotting;
using Habla.Tracking;

namespace Habla.Tests.Benchmarks;

public class ScaleReportTests
{
    /// <summary>A machine that does 100 GFLOP/s a thread and, beside that, needs 3 ms for every step.</summary>
    private static readonly ScaleReport s_report = Report(new ScaleSetting { Threads = 4 });

    [Fact]
    public void A_panel_for_each_axis_holds_the_measured_times_and_rings_the_base()
    {
        IReadOnlyList<Plot> panels = ScalePlot.Of(s_report);

        Assert.Equal(
            [
                "Width (sequence length 128, batch 16, 4 threads)", "Sequence length (width 128, batch 16, 4 threads)",
                "Batch (width 128, sequence length 128, 4 threads)", "Threads (width 128, sequence length 128, batch 16)",
            ],
            panels.Select(panel => panel.Title));
        foreach ((Plot panel, ScaleAxis axis) in panels.Zip(ScaleBenchmark.Axes))
        {
            Assert.True(panel.LogarithmicX && panel.LogarithmicY);
            Assert.Equal(["predicted", "measured", "base"], panel.Series.Select(series => series.Title));
            Assert.Equal(
                s_report.Points.Where(point => point.Vary == axis).Select(point => ((double)point.Value, point.MedianMs)),
                panel.Series[1].Points);
            Assert.Equal(s_report.Base.ValueOf(axis), Assert.Single(panel.Series[2].Points).X);
            Assert.Equal(panel.XMarks, panel.Series[1].Points.Select(point => point.X));
        }
    }

    [Fact]
    public void The_line_goes_through_the_base_in_proportion_to_the_arithmetic_of_a_thread()
    {
        IReadOnlyList<Plot> panels = ScalePlot.Of(s_report);
        double basis = s_report.Points.First(point => point.Vary == ScaleAxis.Batch && point.Value == 16).MedianMs;

        Assert.All(panels, panel => Assert.Contains(panel.Series[2].Points[0], panel.Series[0].Points));
        Assert.Equal([0.25, 0.5, 1, 2, 4], panels[2].Series[0].Points.Select(point => Math.Round(point.Y / basis, 9)));
        Assert.Equal([4.0, 2, 1], panels[3].Series[0].Points.Select(point => Math.Round(point.Y / basis, 9)));

        // Where the fixed 3 ms weigh less than in the base, the measured lies below the line, and where they weigh more, above.
        Assert.True(panels[0].Series[0].Points[^1].Y > panels[0].Series[1].Points[^1].Y);
        Assert.True(panels[0].Series[0].Points[0].Y < panels[0].Series[1].Points[0].Y);
    }

    [Fact]
    public void Marks_are_round_and_close_where_an_axis_is_short()
    {
        IReadOnlyList<Plot> panels = ScalePlot.Of(s_report);
        Assert.Equal([1.0, 2, 5, 10, 20, 50, 100, 200, 500], panels[0].YMarks);
        Assert.Equal([10.0, 15, 20, 30, 40, 50, 60, 70, 80, 100, 150], panels[3].YMarks.Take(11));
    }

    [Fact]
    public void The_script_sets_scales_spans_and_marks_in_a_square_of_panels()
    {
        string script = PlotScript.Of(ScalePlot.Of(s_report), ScalePlot.Columns, ScalePlot.Title(s_report));

        Assert.Contains("size 1400,872 ", script, StringComparison.Ordinal);
        Assert.Contains(
            "set multiplot layout 2,2 title 'Time of a training step, measured and as its arithmetic predicts from the base' . \"\\n\" . "
            + "'gpt2, 4 layers, 4 heads, vocabulary 65; a processor, 4 cores, 512-bit SIMD' . \"\\n\" . '' font ',14'\n",
            script, StringComparison.Ordinal);
        Assert.Equal(4, script.Split("set logscale x\n").Length - 1);
        Assert.Equal(4, script.Split("set logscale y\n").Length - 1);
        Assert.Contains("set xtics (4, 8, 16, 32, 64)\n", script, StringComparison.Ordinal);
        Assert.Equal("set xrange [3.68:69.55]", Rounded(script, "set xrange [3"));
    }

    [Fact]
    public void The_numbers_are_written_under_their_names()
    {
        using var folder = new TemporaryFolder();

        string? skipped = s_report.Write(folder.In("new"), new Gnuplot("no-such-gnuplot"));

        Assert.Equal("scale.png was not drawn: no-such-gnuplot is not installed; install it with `apt-get install gnuplot-nox`", skipped);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(folder.In("new/scale.json")));
        JsonElement root = document.RootElement;
        Assert.Equal(["machine", "base", "points"], Names(root));
        Assert.Equal(
            ["family", "vocabulary_size", "layers", "heads", "width", "sequence_length", "batch", "threads"],
            Names(root.GetProperty("base")));
        Assert.Equal("gpt2", root.GetProperty("base").GetProperty("family").GetString());
        JsonElement points = root.GetProperty("points");
        Assert.Equal(s_report.Points.Count, points.GetArrayLength());
        Assert.Equal(
            ["vary", "value", "threads", "parameters", "tokens", "median_ms", "gflop_per_step", "gflops", "mfu"], Names(points[0]));
        Assert.Equal("sequence_length", points[8].GetProperty("vary").GetString());
        Assert.Equal(s_report.Points[8].MedianMs, points[8].GetProperty("median_ms").GetDouble());
    }

    [GnuplotFact]
    public void The_picture_is_drawn_for_any_number_of_axes_and_for_one_thread()
    {
        using var folder = new TemporaryFolder();
        ScaleReport alone = Report(new ScaleSetting { Threads = 1 });

        Assert.Null(s_report.Write(folder.Path, new Gnuplot()));
        Assert.Null((alone with { Points = [.. alone.Points.Where(point => point.Vary == ScaleAxis.Threads)] })
            .Write(folder.In("one"), new Gnuplot()));

        Assert.True(new FileInfo(folder.In("scale.png")).Length > 10_000);
        Assert.True(File.Exists(folder.In("one/scale.png")));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.In("file"), "");

        var refused = Assert.Throws<InvalidInputException>(() => ScaleReport.RequireFolder(folder.In("file")));

        Assert.StartsWith($"--out {folder.In("file")}: this folder cannot be made", refused.Message, StringComparison.Ordinal);
        ScaleReport.RequireFolder(folder.In("a/b"));
        Assert.True(Directory.Exists(folder.In("a/b")));
    }

    private static ScaleReport Report(ScaleSetting basis) => new(
        new Hardware("a processor", 4, 512, 8192),
        basis,
        [.. ScaleBenchmark.Axes.SelectMany(axis => ScaleBenchmark.Values(axis, basis.Threads).Select(value => Point(basis, axis, value)))]);

    private static ScalePoint Point(ScaleSetting basis, ScaleAxis axis, int value)
    {
        ScaleSetting setting = basis.With(axis, value);
        BenchmarkPreset preset = setting.ToPreset();
        double gflop = preset.FlopsPerStep / 1e9, seconds = 0.003 + (gflop / (100 * setting.Threads));
        return new ScalePoint
        {
            Vary = axis, Value = value, Threads = setting.Threads, Parameters = preset.Model.ParameterCount, Tokens = preset.TokensPerStep,
            MedianMs = 1e3 * seconds, GflopPerStep = gflop, Gflops = gflop / seconds, Mfu = gflop / seconds / (100 * setting.Threads),
        };
    }

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(property => property.Name);

    /// <summary>The line of a script that begins so, its range rounded to two digits.</summary>
    private static string Rounded(string script, string start)
    {
        string line = script.Split('\n').Single(line => line.StartsWith(start, StringComparison.Ordinal));
        string[] parts = line.Split('[', ':', ']');
        return FormattableString.Invariant($"{parts[0]}[{Parse(parts[1]):0.00}:{Parse(parts[2]):0.00}]");
    }

    private static double Parse(string number) => double.Parse(number, System.Globalization.CultureInfo.InvariantCulture);
}
