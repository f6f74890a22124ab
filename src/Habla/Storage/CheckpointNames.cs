using System.Globalization;

namespace Habla.Storage;

/// <summary>The names of a run's checkpoint folders; whatever else lies beside them is somebody else's.</summary>
internal static class CheckpointNames
{
    /// <summary>The newest checkpoint; that of the best validation; the state of a run that diverged.</summary>
    public const string Last = "last", Best = "best", Diverged = "diverged";

    /// <summary>Ends the name of the earlier checkpoint while a new one takes its place.</summary>
    public const string ReplacedSuffix = ".replaced";

    private const string StepPrefix = "step-";

    /// <summary>The name of a checkpoint that is kept.</summary>
    /// <param name="step">The updates done.</param>
    public static string OfStep(int step) => string.Create(CultureInfo.InvariantCulture, $"{StepPrefix}{step}");

    /// <summary>The step that a name tells, such as 200 for <c>step-200</c>; null for all others.</summary>
    /// <param name="name">A folder's name.</param>
    public static int? StepOf(string name) =>
        name.StartsWith(StepPrefix, StringComparison.Ordinal)
        && int.TryParse(name[StepPrefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int step) ? step : null;

    /// <summary>Whether a run makes a checkpoint of this name: <c>last</c>, <c>best</c>, <c>diverged</c> or <c>step-N</c>.</summary>
    /// <param name="name">A folder's name.</param>
    public static bool IsName(string name) => name is Last or Best or Diverged || StepOf(name) is not null;

    /// <summary>The name that a checkpoint has, or is to have, which a killed process may have left under a passing one.</summary>
    /// <param name="name">A folder's name, such as <c>last.partial</c> or <c>last.replaced</c>.</param>
    public static string WithoutSuffix(string name) =>
        ((string[])[AtomicFile.TemporarySuffix, ReplacedSuffix])
            .FirstOrDefault(suffix => name.EndsWith(suffix, StringComparison.Ordinal)) is { } passing
            ? name[..^passing.Length]
            : name;
}
