namespace Habla.Configuration;

/// <summary>A key that two recipes have different values for.</summary>
/// <param name="Key">The key.</param>
/// <param name="Before">Its value in the first recipe, as YAML.</param>
/// <param name="After">Its value in the second recipe, as YAML.</param>
public sealed record RecipeDifference(ConfigurationKey Key, string Before, string After)
{
    /// <summary>All keys that differ, in the schema's order.</summary>
    /// <param name="before">The first recipe.</param>
    /// <param name="after">The second recipe.</param>
    public static IReadOnlyList<RecipeDifference> Between(Recipe before, Recipe after) =>
    [
        .. ConfigurationSchema.Keys
            .Select(key => new RecipeDifference(key, key.ValueIn(before), key.ValueIn(after)))
            .Where(difference => difference.Before != difference.After),
    ];

    /// <summary>The change in words: <c>optimizer.lr_max: 0.0003 → 0.001</c>.</summary>
    public override string ToString() => $"{Key.Path}: {Before} → {After}";
}
