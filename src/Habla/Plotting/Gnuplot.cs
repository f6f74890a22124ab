using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Habla.Storage;

namespace Habla.Plotting;

/// <summary>
/// Draws plots with the gnuplot program. A plot is never worth a run: when gnuplot is missing, fails or takes too long, the
/// answer is one line that says what was skipped and what to do, and nothing else happens.
/// </summary>
/// <param name="program">The program to call; <c>gnuplot</c> by default, found on the PATH.</param>
/// <param name="timeLimit">How long one plot may take; 20 seconds by default.</param>
public sealed class Gnuplot(string program = "gnuplot", TimeSpan? timeLimit = null)
{
    private static readonly TimeSpan DefaultTimeLimit = TimeSpan.FromSeconds(20);

    private readonly TimeSpan _timeLimit = timeLimit ?? DefaultTimeLimit;

    /// <summary>Draws a plot into a PNG file of 900 × 540 pixels.</summary>
    /// <param name="path">The file to create or replace; whole or not at all.</param>
    /// <param name="plot">What to draw.</param>
    /// <returns>Null when the file was written, otherwise one line that says what was skipped, why, and what to do.</returns>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public string? Draw(string path, Plot plot) => Draw(path, [plot]);

    /// <summary>
    /// Draws plots into one PNG file: one above the other, 900 pixels wide and 400 high each, or in columns of 700 pixels.
    /// </summary>
    /// <param name="path">The file to create or replace; whole or not at all.</param>
    /// <param name="panels">What to draw, row by row; at least one.</param>
    /// <param name="columns">How many stand beside each other; 1 by default.</param>
    /// <param name="title">Stands above all of them, in one line or several; empty (the default) for none.</param>
    /// <returns>Null when the file was written, otherwise one line that says what was skipped, why, and what to do.</returns>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public string? Draw(string path, IReadOnlyList<Plot> panels, int columns = 1, string title = "")
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfZero(panels.Count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        return TryDraw(path, panels, columns, title) is { } reason ? $"{Path.GetFileName(path)} was not drawn: {reason}" : null;
    }

    /// <summary>Draws several files; what kept more than one of them from it is said once.</summary>
    internal List<string> DrawAll(params (string Path, IReadOnlyList<Plot> Panels)[] pictures) =>
    [
        .. pictures.Select(one => (Name: Path.GetFileName(one.Path), Reason: TryDraw(one.Path, one.Panels)))
            .Where(one => one.Reason is not null).GroupBy(one => one.Reason)
            .Select(group => $"{string.Join(", ", group.Select(one => one.Name))} "
                + $"{(group.Count() == 1 ? "was" : "were")} not drawn: {group.Key}"),
    ];

    /// <summary>Draws; the answer is why not, and null when it was.</summary>
    private string? TryDraw(string path, IReadOnlyList<Plot> panels, int columns = 1, string title = "")
    {
        string? reason = Run(PlotScript.Of(panels, columns, title), out byte[] image);
        if (reason is null)
        {
            AtomicFile.Write(path, stream => stream.Write(image));
        }

        return reason;
    }

    /// <summary>Runs a script; the image comes through the program's standard output, so that no file name has to be quoted.</summary>
    private string? Run(string script, out byte[] image)
    {
        image = [];
        Process process;
        try
        {
            process = Process.Start(StartInfo())!;
        }
        catch (Win32Exception)
        {
            return $"{program} is not installed; install it with `apt-get install gnuplot-nox`";
        }

        using (process)
        {
            using var output = new MemoryStream();
            Task copying = process.StandardOutput.BaseStream.CopyToAsync(output);
            Task<string> complaining = process.StandardError.ReadToEndAsync();
            Task writing = Feed(process, script);
            if (!process.WaitForExit(_timeLimit) || !Task.WaitAll([copying, complaining, writing], _timeLimit))
            {
                process.Kill(entireProcessTree: true);
                return $"{program} took longer than {_timeLimit.TotalSeconds:0} seconds";
            }

            image = output.ToArray();
            string[] complaints = complaining.Result.Split(
                '\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return process.ExitCode == 0 && image.Length > 0
                ? null
                : $"{program} failed ({complaints.LastOrDefault() ?? $"exit code {process.ExitCode}"})";
        }
    }

    private ProcessStartInfo StartInfo()
    {
        // -d: no settings from the user's home folder; "-": the script comes through standard input.
        var info = new ProcessStartInfo(program, ["-d", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            UseShellExecute = false,
        };
        info.Environment["LC_ALL"] = "C.UTF-8";
        info.Environment.Remove("GNUTERM");
        return info;
    }

    private static async Task Feed(Process process, string script)
    {
        try
        {
            await process.StandardInput.WriteAsync(script).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended before it had read everything; its exit code and last words say why.
        }
    }
}
