namespace Habla.Plotting;

/// <summary>One line of a plot.</summary>
/// <param name="Title">Its name in the legend; empty for none.</param>
/// <param name="Points">Its points from left to right; those that are not finite are left out.</param>
/// <param name="Look">How it is drawn; see <see cref="PlotStyle"/>.</param>
public sealed record PlotSeries(string Title, IReadOnlyList<(double X, double Y)> Points, PlotLook Look)
{
    /// <summary>Whether it belongs to the right axis; false by default.</summary>
    public bool OnRightAxis { get; init; }

    /// <summary>A text written at its last point; empty by default.</summary>
    public string Label { get; init; } = "";

    /// <summary>A horizontal line, such as a baseline to be beaten.</summary>
    /// <param name="title">Its name in the legend.</param>
    /// <param name="from">Where it begins.</param>
    /// <param name="to">Where it ends.</param>
    /// <param name="height">Its value.</param>
    /// <param name="look">How it is drawn.</param>
    public static PlotSeries Horizontal(string title, double from, double to, double height, PlotLook look) =>
        new(title, [(from, height), (to, height)], look);
}
