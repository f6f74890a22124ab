namespace Habla.Plotting;

/// <summary>The looks that all plots share, so that a colour means the same thing in every picture.</summary>
public static class PlotStyle
{
    /// <summary>Measured on training data: blue.</summary>
    public static PlotLook Train { get; } = new("#1f77b4", 2);

    /// <summary>A training measurement of single steps behind its smoothed line: pale blue, thin.</summary>
    public static PlotLook TrainFaint { get; } = new("#b9d3e8", 1);

    /// <summary>Measured on validation data: red, with a disc where it was measured.</summary>
    public static PlotLook Validation { get; } = new("#d62728", 2, PointType: 7, PointSize: 0.6);

    /// <summary>The learning rate: green.</summary>
    public static PlotLook LearningRate { get; } = new("#2ca02c", 2);

    /// <summary>A baseline to be beaten: dashed dark grey.</summary>
    public static PlotLook Baseline { get; } = new("#444444", 2, Dashed: true);

    /// <summary>The stronger of two baselines: black with discs.</summary>
    public static PlotLook StrongBaseline { get; } = new("#111111", 2, PointType: 7, PointSize: 1.1);

    /// <summary>The weaker of two baselines: grey with discs.</summary>
    public static PlotLook WeakBaseline { get; } = new("#8c8c8c", 2, PointType: 7, PointSize: 1.1);

    /// <summary>A time or speed that was measured: blue discs.</summary>
    public static PlotLook Measured { get; } = new("#1f77b4", 0, PointType: 7, PointSize: 1.1);

    /// <summary>Where the measured would be by theory: a grey line.</summary>
    public static PlotLook Expected { get; } = new("#8c8c8c", 2);

    /// <summary>The first of two runs that are compared: purple.</summary>
    public static PlotLook FirstRun { get; } = new("#7b3fa0", 2);

    /// <summary>The second of two runs that are compared: orange.</summary>
    public static PlotLook SecondRun { get; } = new("#ff7f0e", 2);

    /// <summary>A ring around the point that matters: red.</summary>
    public static PlotLook Best { get; } = new("#d62728", 0, PointType: 6, PointSize: 2.6);

    // White ground, light grid, frame on the left and below only, the legend below the frame where it hides no line; all is
    // spelled out because gnuplot's defaults differ between versions. Without pngcairo the png terminal draws the same, less
    // smoothly.
    internal const string Preamble = """
        if (strstrt(GPVAL_TERMINALS, "pngcairo") > 0) {
            set terminal pngcairo noenhanced size @WIDTH@,@HEIGHT@ font "Sans,12" background "#ffffff"
        } else {
            set terminal png noenhanced size @WIDTH@,@HEIGHT@ background "#ffffff"
        }
        set encoding utf8
        set border 3 linecolor rgb "#555555" linewidth 1
        set grid xtics ytics linetype 1 linecolor rgb "#e4e4e4" linewidth 1
        set tics nomirror out scale 0.6
        set format y "%g"
        set format y2 "%g"
        set key bmargin center horizontal noautotitle reverse Left samplen 3

        """;
}
