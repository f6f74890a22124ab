namespace Habla.Plotting;

/// <summary>How a line of a plot is drawn.</summary>
/// <param name="Color">As #rrggbb.</param>
/// <param name="Width">In pixels; 0 draws points without a line.</param>
/// <param name="Dashed">Whether the line is dashed; false by default.</param>
/// <param name="PointType">gnuplot's point type (7 a disc, 6 a circle); 0 (the default) draws a line without points.</param>
/// <param name="PointSize">In gnuplot's units; 1 by default.</param>
public sealed record PlotLook(string Color, double Width, bool Dashed = false, int PointType = 0, double PointSize = 1);
