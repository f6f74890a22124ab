using System.Text;
using System.Text.Json.Nodes;
using Habla.Storage;

namespace Habla.Configuration;

/// <summary>Writes a recipe out in full: every key with its value, in the schema's order.</summary>
public static class RecipeWriter
{
    /// <summary>The recipe as YAML that <see cref="RecipeReader"/> reads back as an equal recipe.</summary>
    /// <param name="recipe">Any valid recipe.</param>
    public static string ToYaml(Recipe recipe)
    {
        var yaml = new StringBuilder();
        foreach (string section in ConfigurationSchema.Sections)
        {
            yaml.Append(yaml.Length > 0 ? "\n" : "").Append(section).Append(":\n");
            string group = "";
            foreach (ConfigurationKey key in ConfigurationSchema.KeysOf(section))
            {
                if (key.Group != group && key.Group.Length > 0)
                {
                    yaml.Append("  ").Append(key.Group).Append(":\n");
                }

                group = key.Group;
                yaml.Append(group.Length > 0 ? "    " : "  ").Append(key.ShortName).Append(": ").Append(key.ValueIn(recipe)).Append('\n');
            }
        }

        return yaml.ToString();
    }

    /// <summary>The recipe as JSON, an object a section and a group, for the manifest.</summary>
    /// <param name="recipe">Any recipe.</param>
    public static JsonObject ToJson(Recipe recipe)
    {
        var json = new JsonObject();
        foreach (string section in ConfigurationSchema.Sections)
        {
            var keys = new JsonObject();
            foreach (ConfigurationKey key in ConfigurationSchema.KeysOf(section))
            {
                JsonObject owner = keys;
                if (key.Group.Length > 0)
                {
                    owner = keys[key.Group] as JsonObject ?? [];
                    keys[key.Group] ??= owner;
                }

                owner[key.ShortName] = key.JsonValueIn(recipe);
            }

            json[section] = keys;
        }

        return json;
    }

    /// <summary>Writes the recipe as a YAML file, atomically.</summary>
    /// <param name="path">The file to create or replace, such as a run's <c>config.yaml</c>.</param>
    /// <param name="recipe">Any valid recipe.</param>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public static void WriteFile(string path, Recipe recipe) => AtomicFile.WriteText(path, ToYaml(recipe));
}
