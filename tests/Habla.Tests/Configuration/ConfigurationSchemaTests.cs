using Habla.Configuration;
using Habla.Modeling;
using Habla.Tensors.Ops;

namespace Habla.Tests.Configuration;

public class ConfigurationSchemaTests
{
    [Fact]
    public void Every_key_has_a_meaning_an_expectation_and_a_name_of_its_own()
    {
        Assert.All(ConfigurationSchema.Keys, key =>
        {
            Assert.EndsWith(".", key.Meaning, StringComparison.Ordinal);
            Assert.NotEmpty(key.Expected);
            Assert.Matches("^[a-z]+\\.[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)?$", key.Path);
        });
        Assert.Equal(ConfigurationSchema.Keys.Count, ConfigurationSchema.Keys.Select(key => key.Path).Distinct().Count());
    }

    [Fact]
    public void Every_option_of_every_section_has_exactly_one_key()
    {
        foreach (System.Reflection.PropertyInfo section in typeof(Recipe).GetProperties().Where(property => property.CanWrite))
        {
            int options = Options(section.PropertyType).Sum(option => option == typeof(RotaryScaling) ? Options(option).Count() : 1);
            string name = section.Name.ToLowerInvariant();
            Assert.True(options == ConfigurationSchema.KeysOf(name).Count(), $"{name}: {options} options");
        }

        static IEnumerable<Type> Options(Type type) =>
            type.GetProperties().Where(property => property.CanWrite).Select(property => property.PropertyType);
    }

    [Fact]
    public void A_key_reads_what_it_writes_and_changes_nothing_else()
    {
        var recipe = new Recipe { Model = GptConfig.Gpt2(), Data = new() { TrainPath = "a", ValidationPath = "b" } };
        foreach (ConfigurationKey key in ConfigurationSchema.Keys.Skip(1))
        {
            Assert.Equal(recipe, key.Apply(recipe, new OptionText(key.ValueIn(recipe))));
        }
    }

    /// <summary>docs/configuration.md holds this table for each section; when it does not, the failure shows what to paste.</summary>
    [Fact]
    public void The_documentation_has_every_key_with_its_meaning_values_and_default()
    {
        string document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md"));
        string[] documented = [.. document.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))];
        string[] expected = [.. ConfigurationSchema.Keys.Select(Row)];
        Assert.True(expected.SequenceEqual(documented), "docs/configuration.md should have exactly these rows:\n"
            + string.Join('\n', expected));
        Assert.All(ConfigurationSchema.Sections, section => Assert.Contains($"\n## {section}\n", document, StringComparison.Ordinal));
    }

    private static string Row(ConfigurationKey key) => $"| `{key.Name}` | {key.Meaning} | {key.Expected} | {Default(key)} |";

    private static string Default(ConfigurationKey key)
    {
        var defaults = Enum.GetValues<ModelFamily>()
            .Select(family =>
                (Family: family.ToString().ToLowerInvariant(), Value: Written(key.ValueIn(new Recipe { Model = GptConfig.Of(family) }))))
            .ToList();
        return key.Path == "model.family" || defaults.DistinctBy(item => item.Value).Count() == 1
            ? defaults[0].Value
            : string.Join(", ", defaults.Select(item => $"{item.Value} for {item.Family}"));
    }

    private static string Written(string value) => value == "\"\"" ? "must be given" : value;
}
