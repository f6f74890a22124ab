namespace Habla.Configuration;

/// <summary>A section of a recipe, as the place where its keys live.</summary>
/// <typeparam name="TOptions">The section's record.</typeparam>
/// <param name="Name">The section's name in a recipe.</param>
/// <param name="Get">Takes the section out of a recipe.</param>
/// <param name="Set">The recipe with another section in its place.</param>
internal sealed record ConfigurationSection<TOptions>(
    string Name, Func<Recipe, TOptions> Get, Func<Recipe, TOptions, Recipe> Set)
{
    /// <summary>A key of this section.</summary>
    /// <param name="name">Its name within the section.</param>
    /// <param name="kind">The values it takes.</param>
    /// <param name="get">Its value in the section.</param>
    /// <param name="set">The section with another value for it.</param>
    /// <param name="meaning">What it means, in one sentence.</param>
    public ConfigurationKey Key<T>(
        string name, OptionKind<T> kind, Func<TOptions, T> get, Func<TOptions, T, TOptions> set, string meaning) =>
        ConfigurationKey.Create(
            $"{Name}.{name}", kind, recipe => get(Get(recipe)), (recipe, value) => Set(recipe, set(Get(recipe), value)), meaning);
}
