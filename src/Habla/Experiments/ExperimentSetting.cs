using Habla.Configuration;

namespace Habla.Experiments;

/// <summary>One thing to try: a point of the grid, or an entry of the list.</summary>
/// <param name="Name">What the file calls it; null for a name made of the changes.</param>
/// <param name="Changes">The keys it sets.</param>
internal sealed record ExperimentSetting(string? Name, IReadOnlyList<RecipeSetting> Changes)
{
    /// <summary>The line of the file that an entry of the list begins on; null for a point of the grid.</summary>
    public long? Line { get; init; }
}
