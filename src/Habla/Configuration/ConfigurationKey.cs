using System.Text.Json;
using System.Text.Json.Nodes;
using Habla.Storage;

namespace Habla.Configuration;

/// <summary>
/// One key of a recipe: its name, what it means, which values it takes, and where in a <see cref="Recipe"/> it lives.
/// Reading, writing, messages and docs/configuration.md all go by this.
/// </summary>
public sealed class ConfigurationKey
{
    private readonly Func<Recipe, OptionText, Recipe?> _tryRead;
    private readonly Func<Recipe, string> _write;
    private readonly Func<Recipe, JsonNode?> _writeJson;
    private readonly IReadOnlyList<string> _choices;

    private ConfigurationKey(
        string path, string meaning, string expected, IReadOnlyList<string> choices,
        Func<Recipe, OptionText, Recipe?> tryRead, Func<Recipe, string> write, Func<Recipe, JsonNode?> writeJson)
    {
        int dot = path.IndexOf('.', StringComparison.Ordinal);
        (Path, Section, Name) = (path, path[..dot], path[(dot + 1)..]);
        (Meaning, Expected, _choices) = (meaning, expected, choices);
        (_tryRead, _write, _writeJson) = (tryRead, write, writeJson);
    }

    /// <summary>The key as <c>section.name</c>, for example <c>model.n_layer</c>.</summary>
    public string Path { get; }

    /// <summary>The section it stands in, for example <c>model</c>.</summary>
    public string Section { get; }

    /// <summary>Its name within the section, for example <c>n_layer</c>, or <c>early_stopping.patience</c> for a key in a group.</summary>
    public string Name { get; }

    /// <summary>The group within the section that it stands in, for example <c>early_stopping</c>; empty for none.</summary>
    public string Group => Name.Contains('.', StringComparison.Ordinal) ? Name[..Name.LastIndexOf('.')] : "";

    /// <summary>Its name as it stands in a recipe, beneath its section and group: <c>n_layer</c>, <c>patience</c>.</summary>
    public string ShortName => Name[(Name.LastIndexOf('.') + 1)..];

    /// <summary>Whether a value is a list, which in a recipe may stand in several lines.</summary>
    public bool IsList { get; private init; }

    /// <summary>What it means, in one sentence with its unit.</summary>
    public string Meaning { get; }

    /// <summary>What a value must be, in words: "a whole number from 1 to 1000".</summary>
    public string Expected { get; }

    /// <summary>The value that a recipe has, as YAML.</summary>
    /// <param name="recipe">Any recipe.</param>
    public string ValueIn(Recipe recipe) => _write(recipe);

    /// <summary>The value that a recipe has, as JSON.</summary>
    /// <param name="recipe">Any recipe.</param>
    public JsonNode? JsonValueIn(Recipe recipe) => _writeJson(recipe);

    internal static ConfigurationKey Create<T>(
        string path, OptionKind<T> kind, Func<Recipe, T> get, Func<Recipe, T, Recipe> set, string meaning) => new(
        path,
        meaning,
        kind.Expected,
        kind.Choices,
        (recipe, text) => kind.TryRead(text, out T value) ? set(recipe, value) : null,
        recipe => kind.Write(get(recipe)),
        recipe => JsonSerializer.SerializeToNode(get(recipe), JsonFormat.Line)) { IsList = kind.IsList };

    /// <summary>The recipe with this key set to what the text says.</summary>
    /// <exception cref="InvalidOptionException">The text is no value of this key.</exception>
    internal Recipe Apply(Recipe recipe, OptionText text) =>
        _tryRead(recipe, text) ?? throw new InvalidOptionException(
            Path, $"{text} is not possible; expected {Expected}{NearestName.Hint(text.Text, _choices)}");
}
