using Habla.Plotting;
using Habla.Storage;
using Habla.Tracking;

namespace Habla.Benchmarks;

/// <summary>What <c>habla bench scale</c> found, and the files that tell it.</summary>
/// <param name="Machine">Where it was measured.</param>
/// <param name="Base">The step from which one thing at a time was changed.</param>
/// <param name="Points">What was measured, axis by axis, each from small to large with the base among it.</param>
public sealed record ScaleReport(Hardware Machine, ScaleSetting Base, IReadOnlyList<ScalePoint> Points)
{
    /// <summary>The numbers: this record.</summary>
    public const string NumbersFileName = "scale.json";

    /// <summary>The picture: <see cref="ScalePlot"/>.</summary>
    public const string PlotFileName = "scale.png";

    /// <summary>Makes the folder before minutes are spent on what could not be written to it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="option">How it was asked for; default --out.</param>
    /// <exception cref="InvalidInputException">It cannot be made.</exception>
    public static void RequireFolder(string folder, string option = "--out")
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(
                $"{option} {folder}: this folder cannot be made ({error.Message}); choose another place", error);
        }
    }

    /// <summary>Writes numbers and picture into a folder.</summary>
    /// <param name="folder">The folder; created when missing.</param>
    /// <param name="gnuplot">Draws the picture.</param>
    /// <returns>Null, or one line that says why there is no picture.</returns>
    /// <exception cref="InvalidInputException">A file cannot be written.</exception>
    public string? Write(string folder, Gnuplot gnuplot)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(gnuplot);
        JsonFormat.WriteFile(Path.Combine(folder, NumbersFileName), this);
        return gnuplot.Draw(Path.Combine(folder, PlotFileName), ScalePlot.Of(this), ScalePlot.Columns, ScalePlot.Title(this));
    }
}
