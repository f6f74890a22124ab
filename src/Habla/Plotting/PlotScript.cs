using System.Globalization;
using System.Text;

namespace Habla.Plotting;

/// <summary>Turns a plot into a gnuplot script with its data inside; the same plot gives the same text.</summary>
internal static class PlotScript
{
    private const double AirBeside = 0.03, AirAbove = 0.08;
    private const double RingWidth = 2;
    private const string LineEnd = " . \"\\n\" . "; // between texts in single quotes, where \n means nothing
    private const int WidthAlone = 900, HeightAlone = 540;
    private const int WidthOfColumn = 700, HeightOfPanel = 400, HeightOfTitleLine = 24;

    /// <summary>The script for one plot, or for several that stand in columns in one picture, under a title of their own.</summary>
    public static string Of(IReadOnlyList<Plot> panels, int columns = 1, string title = "")
    {
        columns = Math.Min(columns, panels.Count);
        int rows = (panels.Count + columns - 1) / columns;
        int panelWidth = columns == 1 ? WidthAlone : WidthOfColumn;
        string[] lines = title.Length > 0 ? [.. title.Split('\n'), ""] : []; // the last keeps the panels at a distance
        int height = (panels.Count == 1 ? HeightAlone : HeightOfPanel * rows) + (HeightOfTitleLine * lines.Length);
        var script = new StringBuilder(PlotStyle.Preamble)
            .Replace("@WIDTH@", Number(panelWidth * columns)).Replace("@HEIGHT@", Number(height));
        if (lines.Length > 0)
            Set(script, $"multiplot layout {rows},{columns} title {string.Join(LineEnd, lines.Select(Quoted))} font ',14'");
        else if (panels.Count > 1)
            Set(script, $"multiplot layout {rows},{columns}");
        for (int panel = 0; panel < panels.Count; panel++)
            AddPanel(script, panels[panel], panel, panelWidth);
        return script.ToString();
    }

    private static void AddPanel(StringBuilder script, Plot plot, int panel, int panelWidth)
    {
        List<(PlotSeries Series, IReadOnlyList<(double X, double Y)> Points)> drawn =
        [
            .. plot.Series
                .Select(series => (series, PlotPoints.Thin([.. series.Points.Where(IsFinite)])))
                .Where(line => line.Item2.Count > 0),
        ];

        // gnuplot cannot plot nothing; the stand-in is above zero for the sake of logarithmic axes.
        if (drawn.Count == 0)
            drawn.Add((new PlotSeries("no data yet", [], PlotStyle.Baseline), [(0, 1), (1, 1)]));
        AddFrame(script, plot, LegendRows(drawn.Select(line => line.Series.Title), panelWidth));
        var (left, right) = Span(drawn.SelectMany(line => line.Points).Select(point => point.X), plot.LogarithmicX, AirBeside);
        Set(script, $"xrange [{Number(left)}:{Number(right)}]");
        var (low, high) = Span(
            drawn.Where(line => !line.Series.OnRightAxis).SelectMany(line => line.Points).Select(point => point.Y),
            plot.LogarithmicY, AirAbove);
        Set(script, plot.YMarks.Count > 0 ? $"yrange [{Number(low)}:{Number(high)}]" : "yrange [*:*]");
        for (int i = 0; i < drawn.Count; i++)
        {
            script.Append(Data(panel, i)).Append(" << END\n");
            foreach (var (x, y) in drawn[i].Points)
                script.Append(Number(x)).Append(' ').Append(Number(y)).Append('\n');
            script.Append("END\n");
            var at = drawn[i].Points[^1];
            double along = plot.LogarithmicX ? Math.Log(at.X / left, right / left) : (at.X - left) / (right - left);
            AddLabel(script, drawn[i].Series, at, along);
        }

        IEnumerable<string> lines = drawn.Select((line, i) => Line(line.Series, Data(panel, i)));
        script.Append("plot ").AppendJoin(", \\\n     ", lines).Append('\n');
    }

    /// <summary>Everything around the lines; it also takes back what the panel above may have set.</summary>
    private static void AddFrame(StringBuilder script, Plot plot, int legendRows)
    {
        bool right = plot.RightLabel.Length > 0;
        Set(script, $"title {Quoted(plot.Title)} font ',14'");
        Set(script, $"xlabel {Quoted(plot.XLabel)}");
        Set(script, $"ylabel {Quoted(plot.YLabel)}");
        Set(script, $"y2label {Quoted(plot.RightLabel)}");
        Set(script, $"margins 11, {(right ? 15 : 4)}, {4 + legendRows}, 3");
        Set(script, right ? "border 11" : "border 3");
        script.Append(right ? "set y2tics\n" : "unset y2tics\n");
        script.Append(plot.LogarithmicX ? "set logscale x\n" : "unset logscale x\n");
        script.Append(plot.LogarithmicY ? "set logscale y\n" : "unset logscale y\n");
        string marks = plot.XMarks.Count > 0 ? Marks(plot.XMarks) : plot.XStep > 0 ? Number(plot.XStep) : "autofreq";
        Set(script, "xtics " + (plot.XNames.Count > 0 ? Names(plot.XNames) : marks));
        Set(script, "ytics " + (plot.YMarks.Count > 0 ? Marks(plot.YMarks) : "autofreq"));
        script.Append("unset label\nset offsets 0, 0, 0, 0\n");
    }

    // gnuplot makes the legend's columns as wide as the longest title, by an estimate of its own, and lets rows that do not fit
    // into the margin run over the axis; so the margin follows the same estimate.
    private static int LegendRows(IEnumerable<string> titles, int panelWidth)
    {
        const int sample = 65, letter = 10;
        int width = panelWidth * 640 / WidthAlone;
        List<int> lengths = [.. titles.Select(title => title.Length).Where(length => length > 0)];
        if (lengths.Count == 0)
            return 0;
        int columns = Math.Clamp(width / (sample + (letter * lengths.Max())), 1, lengths.Count);
        return (lengths.Count + columns - 1) / columns;
    }

    private static string Data(int panel, int series) => string.Create(CultureInfo.InvariantCulture, $"$data{panel}_{series}");

    private static string Line(PlotSeries series, string data)
    {
        PlotLook look = series.Look;
        string with = (look.Width > 0, look.PointType > 0) switch
        {
            (true, true) => "linespoints",
            (true, false) => "lines",
            _ => "points",
        };
        var text = new StringBuilder(data + " using 1:2 ");
        if (series.OnRightAxis)
            text.Append("axes x1y2 ");
        double width = look.Width > 0 ? look.Width : RingWidth;
        text.Append(CultureInfo.InvariantCulture, $"with {with} linecolor rgb \"{look.Color}\" linewidth {Number(width)}");
        if (look.Width > 0)
            text.Append(look.Dashed ? " dashtype 2" : " dashtype 1");
        if (look.PointType > 0)
            text.Append(CultureInfo.InvariantCulture, $" pointtype {look.PointType} pointsize {Number(look.PointSize)}");
        if (series.Title.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $" title {Quoted(series.Title)}");
        return text.ToString();
    }

    /// <summary>The span of an axis: that of the data and a share of air, instead of out to the next round numbers.</summary>
    private static (double From, double To) Span(IEnumerable<double> values, bool logarithmic, double share)
    {
        var (from, to) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (double value in values.Where(value => !logarithmic || value > 0))
            (from, to) = (Math.Min(from, value), Math.Max(to, value));
        if (from > to)
            return logarithmic ? (1, 10) : (0, 1);
        if (logarithmic)
        {
            double factor = to > from ? Math.Pow(to / from, share) : 2;
            return (from / factor, to * factor);
        }

        double air = to > from ? (to - from) * share : 1;
        return (from - air, to + air);
    }

    private static void AddLabel(StringBuilder script, PlotSeries series, (double X, double Y) at, double along)
    {
        if (series.Label.Length == 0)
            return;

        // The label stands below its point and needs air there.
        Set(script, "offsets 0, 0, 0, graph 0.16");
        string side = along < 1.0 / 3 ? "left" : along > 2.0 / 3 ? "right" : "center";
        string axis = series.OnRightAxis ? "second " : "first ";
        Set(script, $"label {Quoted(series.Label)} at first {Number(at.X)}, {axis}{Number(at.Y)} {side} offset 0,-1.6 "
            + $"textcolor rgb \"{series.Look.Color}\" front");
    }

    private static bool IsFinite((double X, double Y) point) => double.IsFinite(point.X) && double.IsFinite(point.Y);

    private static void Set(StringBuilder script, string setting) => script.Append("set ").Append(setting).Append('\n');

    private static string Marks(IEnumerable<double> places) => "(" + string.Join(", ", places.Select(Number)) + ")";

    private static string Names(IEnumerable<string> names) =>
        "(" + string.Join(", ", names.Select((name, place) => $"{Quoted(name)} {Number(place)}")) + ")";

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>
    /// A text that gnuplot takes literally: in single quotes, in which only the quote itself and line ends mean anything.
    /// </summary>
    private static string Quoted(string text) =>
        "'" + text.Replace("'", "''", StringComparison.Ordinal).ReplaceLineEndings(" ") + "'";
}
