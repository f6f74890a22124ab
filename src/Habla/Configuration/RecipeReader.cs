using System.Text;

namespace Habla.Configuration;

/// <summary>Reads a recipe: YAML, then <c>--set</c> overrides, bound to option records and checked as a whole.</summary>
public static class RecipeReader
{
    private const int MostBytes = 1 << 20;

    /// <summary>Reads a recipe from a file.</summary>
    /// <param name="path">A YAML file such as <c>configs/verbs.yaml</c>.</param>
    /// <param name="overrides">
    /// Settings that win over the file's, each as <c>section.key=value</c>; the last of a key wins.
    /// </param>
    /// <returns>A recipe that has passed <see cref="Recipe.Validate"/>.</returns>
    /// <exception cref="InvalidInputException">
    /// The file is missing or no recipe, or a value is impossible. The message names the file and line, or the
    /// <c>--set</c> option, then the key, what was expected and, for a misspelt name, the nearest valid one.
    /// </exception>
    public static Recipe Read(string path, params IReadOnlyList<string> overrides) =>
        Read(path, ReadText(path), overrides);

    /// <summary>Reads a recipe from a file; settings that were written somewhere else win over the file's.</summary>
    internal static Recipe Read(string path, IEnumerable<RecipeSetting> overrides) => Read(path, ReadText(path), overrides);

    internal static Recipe Read(string path, string yaml, IReadOnlyList<string> overrides) =>
        Read(path, yaml, overrides.Select(ParseOverride));

    private static Recipe Read(string path, string yaml, IEnumerable<RecipeSetting> overrides)
    {
        var settings = new Dictionary<ConfigurationKey, RecipeSetting>();
        foreach (RecipeSetting setting in RecipeYaml.Read(path, yaml).Concat(overrides))
        {
            settings[setting.Key] = setting;
        }

        Recipe recipe = Bind(settings);
        try
        {
            recipe.Validate();
        }
        catch (InvalidOptionException error)
        {
            ConfigurationKey? key = ConfigurationSchema.Find(error.Key);
            string origin = key is not null && settings.TryGetValue(key, out RecipeSetting? setting) ? setting.Origin : path;
            throw new InvalidInputException($"{origin}: {error.Message}", error);
        }

        return recipe;
    }

    // In the schema's order, because the model's family, its first key, sets the defaults of the keys after it.
    private static Recipe Bind(Dictionary<ConfigurationKey, RecipeSetting> settings)
    {
        var recipe = new Recipe();
        foreach (ConfigurationKey key in ConfigurationSchema.Keys)
        {
            if (settings.TryGetValue(key, out RecipeSetting? setting))
            {
                try
                {
                    recipe = key.Apply(recipe, setting.Value);
                }
                catch (InvalidOptionException error)
                {
                    throw new InvalidInputException($"{setting.Origin}: {error.Message}", error);
                }
            }
        }

        return recipe.WithPathsFilledIn();
    }

    private static RecipeSetting ParseOverride(string option)
    {
        string origin = $"--set {option}";
        int equals = option.IndexOf('=', StringComparison.Ordinal);
        int dot = option.IndexOf('.', StringComparison.Ordinal);
        if (equals < 0 || dot < 0 || dot > equals)
        {
            throw new InvalidInputException($"{origin}: expected section.key=value, for example --set optimizer.lr_max=1e-3");
        }

        string section = option[..dot].Trim();
        string name = option[(dot + 1)..equals].Trim();
        if (!ConfigurationSchema.Sections.Contains(section))
        {
            throw new InvalidInputException($"{origin}: {RecipeYaml.UnknownSection(section)}");
        }

        ConfigurationKey key = ConfigurationSchema.Find($"{section}.{name}")
            ?? throw new InvalidInputException($"{origin}: {RecipeYaml.UnknownKey(section, name)}");
        return new RecipeSetting(key, new OptionText(option[(equals + 1)..].Trim()), origin);
    }

    private static string ReadText(string path)
    {
        if (Directory.Exists(path))
        {
            throw new InvalidInputException($"{path}: this is a folder; expected a recipe, for example configs/verbs.yaml");
        }

        if (!File.Exists(path))
        {
            throw new InvalidInputException($"{path}: there is no such file{Suggestion(path)}");
        }

        try
        {
            if (new FileInfo(path).Length > MostBytes)
            {
                throw new InvalidInputException($"{path}: the file is larger than {MostBytes} bytes; no recipe is");
            }

            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path)).TrimStart('\ufeff');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new InvalidInputException($"{path}: cannot read this file as UTF-8 text: {error.Message}", error);
        }
    }

    private static string Suggestion(string path)
    {
        string folder = Path.GetDirectoryName(path) ?? "";
        string inFolder = folder.Length == 0 ? "." : folder;
        if (!Directory.Exists(inFolder))
        {
            return "; the recipes that come with Habla are in configs/";
        }

        string[] names =
        [
            .. Directory.EnumerateFiles(inFolder, "*.yaml").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal),
        ];
        return NearestName.Of(Path.GetFileName(path), names) is { } nearest
            ? $"; did you mean {Path.Combine(folder, nearest)}?"
            : "; the recipes that come with Habla are in configs/";
    }
}
