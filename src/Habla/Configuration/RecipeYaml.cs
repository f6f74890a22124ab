using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Habla.Configuration;

/// <summary>
/// Reads a recipe's YAML into settings, knowing the line of each. It walks the parser's events instead of building a tree,
/// so a file of any depth or size is refused at the first thing that no recipe has.
/// </summary>
internal sealed class RecipeYaml
{
    private readonly string _path;
    private readonly Parser _parser;
    private readonly List<RecipeSetting> _settings = [];

    private RecipeYaml(string path, string text)
    {
        _path = path;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>The settings of a recipe, in the order of the file.</summary>
    /// <param name="path">The file's name, for messages.</param>
    /// <param name="text">The file's content.</param>
    /// <exception cref="InvalidInputException">The text is no YAML, or has a section or key that no recipe has.</exception>
    public static IReadOnlyList<RecipeSetting> Read(string path, string text)
    {
        RefuseTabs(path, text);
        var yaml = new RecipeYaml(path, text);
        try
        {
            yaml.ReadFile();
        }
        catch (YamlException error)
        {
            throw YamlProblem.Of(path, error, "lines of name: value, indented by two spaces beneath their section");
        }

        return yaml._settings;
    }

    // YAML forbids tabs in indentation; the parser's own words for it are hard to understand.
    private static void RefuseTabs(string path, string text)
    {
        int line = 0;
        foreach (ReadOnlySpan<char> content in text.AsSpan().EnumerateLines())
        {
            line++;
            ReadOnlySpan<char> rest = content.TrimStart(" \t");
            bool isComment = rest.IsEmpty || rest[0] == '#';
            if (!isComment && content[..^rest.Length].Contains('\t'))
            {
                throw new InvalidInputException(
                    $"{path}:{line}: a tab indents this line; YAML takes only spaces, and Habla's recipes use two");
            }
        }
    }

    private void ReadFile()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _) || _parser.Accept<Scalar>(out Scalar? only) && only.Value.Length == 0)
        {
            throw new InvalidInputException(
                $"{_path}: the file is empty; expected sections such as model: and training: (see docs/configuration.md)");
        }

        if (!_parser.TryConsume<MappingStart>(out _))
        {
            throw At(_parser.Current!, $"expected sections such as model: and training:, each with its keys beneath it");
        }

        var lines = new Dictionary<string, long>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            Scalar name = ReadName("section", lines, "");
            if (!ConfigurationSchema.Sections.Contains(name.Value))
            {
                throw At(name, UnknownSection(name.Value));
            }

            ReadSection(name.Value);
        }

        _parser.Consume<DocumentEnd>();
        if (!_parser.Accept<StreamEnd>(out _))
        {
            throw At(_parser.Current!, "a second document begins here; a recipe is one document, without lines of ---");
        }
    }

    /// <summary>What is wrong with a section that there is not.</summary>
    public static string UnknownSection(string section)
    {
        ConfigurationKey? key = ConfigurationSchema.Keys.FirstOrDefault(key => key.Name == section);
        return key is not null
            ? $"{section}: unknown section; the key {section} belongs into the section {key.Section}"
            : $"{section}: unknown section{NearestName.Hint(section, ConfigurationSchema.Sections)}";
    }

    /// <summary>What is wrong with a key that there is not.</summary>
    public static string UnknownKey(string section, string name)
    {
        string? nearest = NearestName.Of(
            name, ConfigurationSchema.KeysOf(section).SelectMany(key => new[] { key.Name, key.Group }).Where(known => known.Length > 0));
        string[] inGroup = name.Length == 0
            ? []
            : [.. ConfigurationSchema.KeysOf(section).Where(key => key.Group == name).Select(key => key.Path)];
        if (inGroup.Length > 0)
        {
            return $"{section}.{name}: this is a group of keys; expected {string.Join(" or ", inGroup)}";
        }

        ConfigurationKey? elsewhere = ConfigurationSchema.Keys.FirstOrDefault(key => key.Name == name)
            ?? ConfigurationSchema.Keys.FirstOrDefault(key => key.ShortName == name && key.Section == section);
        string hint = elsewhere is { Group.Length: > 0 } ? $"; {elsewhere.ShortName} belongs beneath {elsewhere.Section}.{elsewhere.Group}"
            : elsewhere is not null ? $"; {name} belongs into the section {elsewhere.Section}"
            : nearest is not null ? $"; did you mean {nearest}?"
            : $"; {section} has {string.Join(", ", ConfigurationSchema.KeysOf(section).Select(key => key.Name))}";
        return $"{section}.{name}: unknown key{hint}";
    }

    private void ReadSection(string section)
    {
        if (_parser.TryConsume<Scalar>(out Scalar? text))
        {
            throw At(
                text, $"{section}: expected keys beneath it, indented by two spaces; leave the section out to take its defaults");
        }

        if (!_parser.TryConsume<MappingStart>(out _))
        {
            throw At(_parser.Current!, $"{section}: expected keys and values beneath it (name: value), indented by two spaces");
        }

        ReadKeys(section, "");
    }

    private void ReadKeys(string section, string group)
    {
        string prefix = group.Length == 0 ? "" : group + ".";
        var lines = new Dictionary<string, long>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            Scalar name = ReadName("key", lines, $"{section}.{prefix}");
            if (group.Length == 0 && ConfigurationSchema.KeysOf(section, name.Value).Any() && name.Value.Length > 0)
            {
                ReadGroup(section, name);
                continue;
            }

            ConfigurationKey key = ConfigurationSchema.KeysOf(section, group).FirstOrDefault(key => key.ShortName == name.Value)
                ?? throw At(name, UnknownKey(section, prefix + name.Value));
            _settings.Add(new RecipeSetting(key, ReadValue(key, name), $"{_path}:{name.Start.Line}"));
        }
    }

    private void ReadGroup(string section, Scalar name)
    {
        if (!_parser.TryConsume<MappingStart>(out _))
        {
            string keys = string.Join(", ", ConfigurationSchema.KeysOf(section, name.Value).Select(key => key.ShortName));
            throw At(name, $"{section}.{name.Value}: expected keys beneath it, indented by two more spaces: {keys}");
        }

        ReadKeys(section, name.Value);
    }

    private OptionText ReadValue(ConfigurationKey key, Scalar name)
    {
        if (_parser.TryConsume<Scalar>(out Scalar? value))
        {
            return new OptionText(value.Value, value.Style is not ScalarStyle.Plain);
        }

        if (key.IsList && _parser.Accept<SequenceStart>(out _))
        {
            return new OptionText(ReadList(key));
        }

        string what = _parser.Current switch
        {
            SequenceStart => "a list",
            MappingStart => "a group of keys",
            _ => "a reference",
        };
        throw At(name, $"{key.Path}: {what} is not possible; expected {key.Expected}");
    }

    /// <summary>A list as YAML of its own, for the key to read; it may hold groups of plain values and nothing deeper.</summary>
    private string ReadList(ConfigurationKey key)
    {
        using var text = new StringWriter();
        var emitter = new Emitter(text);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart());
        int depth = 0;
        do
        {
            ParsingEvent part = _parser.Consume<ParsingEvent>();
            depth += part.NestingIncrease;
            if (depth > 2 || part is AnchorAlias)
            {
                throw At(part, $"{key.Path}: this is not possible in the list; expected {key.Expected}");
            }

            emitter.Emit(part);
        }
        while (depth > 0);

        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString().Trim();
    }

    private Scalar ReadName(string what, Dictionary<string, long> lines, string prefix)
    {
        if (!_parser.TryConsume<Scalar>(out Scalar? name))
        {
            throw At(_parser.Current!, $"expected the name of a {what}, such as model:");
        }

        if (!lines.TryAdd(name.Value, name.Start.Line))
        {
            throw At(name, $"{prefix}{name.Value}: this {what} is already on line {lines[name.Value]}; keep one of them");
        }

        return name;
    }

    private InvalidInputException At(ParsingEvent here, string problem) => new($"{_path}:{here.Start.Line}: {problem}");
}
