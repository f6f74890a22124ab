using Habla.Storage;

namespace Habla.Tracking;

/// <summary>
/// <c>health.jsonl</c>: warnings and looks at the layers, appended as whole lines. It holds no times, so a resumed run's is the same.
/// </summary>
public static class HealthLog
{
    private static readonly JsonLines<HealthLine> s_lines = new("line of a health log");

    /// <summary>Goes on with a log, or begins one: what is past the last step to keep is cut off.</summary>
    /// <param name="path">The log; created when missing.</param>
    /// <param name="afterStep">The last step to keep; 0 for a new run.</param>
    /// <exception cref="InvalidInputException">The file cannot be read or written.</exception>
    public static JsonLinesFile<HealthLine> Open(string path, int afterStep) =>
        s_lines.Open(path, afterStep == 0 ? null : line => line.Step <= afterStep);

    /// <summary>The whole lines of a log; a half line at its end, left by a killed run, does not count.</summary>
    /// <param name="path">An existing log.</param>
    /// <exception cref="InvalidInputException">The file cannot be read, or a whole line is none of this log.</exception>
    public static IReadOnlyList<HealthLine> Read(string path) => [.. s_lines.Read(path).Select(line => line.Line)];
}
