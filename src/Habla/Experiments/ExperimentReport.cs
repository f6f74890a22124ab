using Habla.Plotting;
using Habla.Storage;
using Habla.Tracking;

namespace Habla.Experiments;

/// <summary>What an experiment came to: its numbers (<c>results.json</c>), one picture and <c>REPORT.md</c>.</summary>
public sealed record ExperimentReport
{
    /// <summary>The file of numbers: this record.</summary>
    public const string NumbersFileName = "results.json";

    /// <summary>The picture.</summary>
    public const string PlotFileName = "loss_curves.png";

    /// <summary>The page for people.</summary>
    public const string PageFileName = "REPORT.md";

    /// <summary>The experiment's name.</summary>
    public required string Name { get; init; }

    /// <summary>The file it is written down in.</summary>
    public required string File { get; init; }

    /// <summary>What runs are compared by.</summary>
    public required string Metric { get; init; }

    /// <summary>The finished run with the least of it; null when none has any.</summary>
    public string? Best { get; init; }

    /// <summary>Runs that went side by side, and threads of each; they change times, never results.</summary>
    public required int Parallel { get; init; }

    /// <summary>Threads that each run computed on.</summary>
    public required int ThreadsPerRun { get; init; }

    /// <summary>The machine.</summary>
    public required Hardware Machine { get; init; }

    /// <summary>A line for each run.</summary>
    public required IReadOnlyList<ExperimentRow> Runs { get; init; }

    /// <summary>Puts it together.</summary>
    /// <param name="plan">The runs.</param>
    /// <param name="runner">Who made them.</param>
    /// <param name="rows">What became of each.</param>
    public static ExperimentReport Of(ExperimentPlan plan, ExperimentRunner runner, IReadOnlyList<ExperimentRow> rows)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(runner);
        ArgumentNullException.ThrowIfNull(rows);
        return new ExperimentReport
        {
            Name = plan.File.Name, File = plan.File.Path, Metric = plan.Metric,
            Best = rows.Where(row => row.Metric(plan.Metric) is { } loss && double.IsFinite(loss))
                .MinBy(row => row.Metric(plan.Metric))?.Run,
            Parallel = runner.Parallel, ThreadsPerRun = runner.ThreadsPerRun, Machine = Hardware.Current, Runs = rows,
        };
    }

    /// <summary>Writes numbers, picture and page into the experiment's folder.</summary>
    /// <param name="plan">The runs.</param>
    /// <param name="gnuplot">Draws the picture.</param>
    /// <returns>Null, or one line that says why there is no picture.</returns>
    /// <exception cref="InvalidInputException">A file cannot be written.</exception>
    public string? Write(ExperimentPlan plan, Gnuplot gnuplot)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(gnuplot);
        JsonFormat.WriteFile(Path.Combine(plan.Folder, NumbersFileName), this);
        string? skipped = gnuplot.Draw(Path.Combine(plan.Folder, PlotFileName), ExperimentPlot.Of(plan));
        AtomicFile.WriteText(Path.Combine(plan.Folder, PageFileName), ExperimentPage.Of(plan, this, withPicture: skipped is null));
        return skipped;
    }
}
