using Habla.Plotting;
using Habla.Storage;
using Habla.Tracking;

namespace Habla.Benchmarks;

/// <summary>What <c>habla bench generate</c> found, and the files that tell it.</summary>
/// <param name="Machine">Where it was measured.</param>
/// <param name="StreamGbPerS">10⁹ bytes a second that all threads in use read from memory, measured in the same process.</param>
/// <param name="StreamGbPerSOneThread">The same for one thread.</param>
/// <param name="Results">A measurement for each preset and format of weights.</param>
public sealed record GenerationReport(
    Hardware Machine, double StreamGbPerS, double StreamGbPerSOneThread, IReadOnlyList<GenerationMeasurement> Results)
{
    /// <summary>The numbers: this record.</summary>
    public const string NumbersFileName = "inference_metrics.json";

    /// <summary>The picture: <see cref="GenerationPlot"/>.</summary>
    public const string PlotFileName = "tokens_per_s.png";

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
        return gnuplot.Draw(Path.Combine(folder, PlotFileName), GenerationPlot.Of(this), GenerationPlot.Columns, GenerationPlot.Title(this));
    }
}
