using System.Diagnostics;
using System.Globalization;
using Habla.Ingestion;
using Spectre.Console;

namespace Habla.Cli.Shell;

/// <summary>Shows how far the reading of files has come: a live line on a terminal, a line every few seconds elsewhere.</summary>
internal sealed class FileProgress(IAnsiConsole console)
{
    private const int LeastBar = 10, MostBar = 40;

    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(5);

    private readonly Stopwatch _watch = new();
    private readonly bool _live = console.Profile.Capabilities is { Interactive: true, Ansi: true };
    private TimeSpan _said = TimeSpan.Zero;
    private volatile IngestProgress? _newest;

    /// <summary>Runs the work with the line on screen where there is a terminal.</summary>
    /// <returns>How long it took.</returns>
    public TimeSpan Show(Action work)
    {
        _watch.Start();
        using (LiveLine? line = _live ? new LiveLine(console, LiveText) : null)
        {
            work();
        }

        return _watch.Elapsed;
    }

    public void On(IngestProgress progress)
    {
        _newest = progress;
        if (!_live && _watch.Elapsed - _said > _pause)
        {
            _said = _watch.Elapsed;
            Console.Error.WriteLine(Line(progress));
        }
    }

    private string LiveText(int width)
    {
        if (_newest is not { } progress)
        {
            return "looking through the folders ...";
        }

        string line = Line(progress);
        int bar = Math.Min(MostBar, width - line.Length - 1);
        return bar >= LeastBar ? $"{BarOf(progress, bar)} {line}" : line;
    }

    private string BarOf(IngestProgress progress, int width)
    {
        int done = (int)((long)progress.Files * width / Math.Max(1, progress.TotalFiles));
        (char full, char empty) = console.Profile.Capabilities.Unicode ? ('━', '·') : ('=', '.');
        return new string(full, done) + new string(empty, width - done);
    }

    private string Line(IngestProgress progress)
    {
        var invariant = CultureInfo.InvariantCulture;
        double seconds = Math.Max(_watch.Elapsed.TotalSeconds, 1e-3), rate = progress.Files / seconds;
        string left = rate > 0
            ? TimeSpan.FromSeconds(Math.Min((progress.TotalFiles - progress.Files) / rate, 1e8)).ToString(@"d\.hh\:mm\:ss", invariant)
            : "";
        left = left.StartsWith("0.", StringComparison.Ordinal) ? left[2..] : left;
        return string.Create(
            invariant, $"{progress.Files:N0}/{progress.TotalFiles:N0} files  {rate:N0} files/s  {progress.Documents:N0} documents  {left}");
    }
}
