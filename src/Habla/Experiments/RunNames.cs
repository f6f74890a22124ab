using System.Globalization;
using Habla.Configuration;

namespace Habla.Experiments;

/// <summary>
/// Folder names for runs, made of what they change: <c>lr_max-0.01_seed-42</c>. They depend on the setting alone, so a grid that
/// grows finds the runs it has already made.
/// </summary>
/// <param name="varied">The keys that differ between settings.</param>
internal sealed class RunNames(IReadOnlyList<string> varied)
{
    private const int LongestValue = 40;

    /// <summary>A run's name.</summary>
    public string Of(ExperimentSetting setting, Recipe recipe, ulong? seed)
    {
        List<string> parts = setting.Name is { } name
            ? [Safe(name)]
            : [.. setting.Changes.Select(change => $"{ShortKey(change.Key)}-{Safe(change.Key.ValueIn(recipe))}")];
        if (seed is not null)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"seed-{seed}"));
        }

        return parts.Count > 0 ? string.Join('_', parts) : "as-it-is";
    }

    /// <summary>The key's own name, with its section only where another section has the same.</summary>
    private string ShortKey(ConfigurationKey key) =>
        varied.Count(path => path.EndsWith("." + key.Name, StringComparison.Ordinal)) > 1 ? Safe(key.Path) : key.Name;

    /// <summary>Letters, digits and a few signs that every file system takes.</summary>
    private static string Safe(string text)
    {
        string safe = string.Concat(text.Select(
            letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-' or '+' ? letter : '-'));
        safe = safe.Trim('-', '.');
        return safe.Length == 0 ? "empty" : safe.Length > LongestValue ? safe[^LongestValue..] : safe;
    }
}
