namespace Habla.Plotting;

/// <summary>What a plot shows.</summary>
/// <param name="Title">Stands above it.</param>
/// <param name="XLabel">What runs to the right, with its unit.</param>
/// <param name="YLabel">What runs upwards, with its unit.</param>
/// <param name="Series">The lines, drawn in this order; the legend has the same.</param>
public sealed record Plot(string Title, string XLabel, string YLabel, IReadOnlyList<PlotSeries> Series)
{
    /// <summary>What runs upwards on the right side; empty (the default) when no series uses that axis.</summary>
    public string RightLabel { get; init; } = "";

    /// <summary>Whether the horizontal axis is logarithmic; false by default.</summary>
    public bool LogarithmicX { get; init; }

    /// <summary>Whether the left axis is logarithmic; false by default.</summary>
    public bool LogarithmicY { get; init; }

    /// <summary>The distance of the marks on the horizontal axis; 0 (the default) leaves it to gnuplot.</summary>
    public double XStep { get; init; }

    /// <summary>Where the horizontal axis has its marks; empty (the default) leaves it to <see cref="XStep"/>.</summary>
    public IReadOnlyList<double> XMarks { get; init; } = [];

    /// <summary>
    /// What stands at 0, 1, 2, … on the horizontal axis instead of these numbers; empty (the default) for an axis of numbers.
    /// </summary>
    public IReadOnlyList<string> XNames { get; init; } = [];

    /// <summary>
    /// Where the left axis has its marks; it then spans the data instead of reaching out to the next mark. Empty (the default)
    /// leaves both to gnuplot.
    /// </summary>
    public IReadOnlyList<double> YMarks { get; init; } = [];
}
