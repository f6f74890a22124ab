using System.Globalization;
using Habla.Configuration;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Habla.Experiments;

/// <summary>Reads an experiment's YAML, knowing the line of each key, so that a mistake in a grid is told where it stands.</summary>
internal sealed class ExperimentYaml
{
    /// <summary>More points than this are a slip of the pen: months of runs.</summary>
    private const int MostSettings = 10_000;

    private static readonly string[] Keys =
        ["name", "about", "config", "out", "set", "grid", "runs", "seeds", "threads", "parallel", "metric"];

    private readonly string _path;
    private readonly Parser _parser;
    private readonly Dictionary<string, string> _texts = [];
    private readonly Dictionary<string, long> _lines = [];
    private readonly List<(ulong Seed, string Origin)> _seeds = [];
    private List<RecipeSetting> _fixed = [];
    private List<ExperimentSetting>? _grid, _runs;

    private ExperimentYaml(string path, string text) => (_path, _parser) = (path, new Parser(new StringReader(text)));

    /// <summary>The experiment that a text describes.</summary>
    /// <param name="path">The file's name, for messages.</param>
    /// <param name="text">The file's content.</param>
    /// <exception cref="InvalidInputException">The text is no YAML, or no experiment.</exception>
    public static ExperimentFile Read(string path, string text)
    {
        var yaml = new ExperimentYaml(path, text);
        try
        {
            yaml.ReadFile();
        }
        catch (YamlException error)
        {
            throw YamlProblem.Of(path, error);
        }

        return yaml.Experiment();
    }

    private ExperimentFile Experiment()
    {
        RefuseKeysTwice();
        return new ExperimentFile
        {
            Path = _path,
            Name = Required("name", "what to call the experiment"),
            About = _texts.GetValueOrDefault("about", "").Trim(),
            Config = Required("config", "the recipe to begin with, such as configs/sonnets.yaml"),
            Output = _texts.GetValueOrDefault("out") is { Length: > 0 } folder ? folder : null,
            Threads = Number("threads"),
            Parallel = Number("parallel"),
            Metric = Metric(),
            Seeds = [.. _seeds.Select(entry => entry.Seed)],
            Fixed = _fixed,
            Settings = _grid ?? _runs ?? [new ExperimentSetting(_seeds.Count > 0 ? null : "run", [])],
        };
    }

    private void ReadFile()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _) || !_parser.TryConsume<MappingStart>(out _))
        {
            throw new InvalidInputException($"{_path}: expected keys such as name:, config: and grid: (see docs/experiments.md)");
        }

        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            Scalar key = Name(_lines, "");
            switch (key.Value)
            {
                case "set":
                    _fixed = Changes("set", out _);
                    break;
                case "grid":
                    _grid = Grid();
                    break;
                case "runs":
                    _runs = Runs();
                    break;
                case "seeds":
                    _seeds.AddRange(List("seeds", "training seeds, such as [1, 2, 3]").Select(Seed));
                    break;
                default:
                    _texts[key.Value] = Keys.Contains(key.Value)
                        ? Text(key.Value, "a text or number").Value
                        : throw At(key, $"{key.Value}: unknown key{NearestName.Hint(key.Value, Keys)}");
                    break;
            }
        }
    }

    /// <summary>Lists by key, multiplied out.</summary>
    private List<ExperimentSetting> Grid()
    {
        List<List<RecipeSetting>> points = [[]];
        var lines = new Dictionary<string, long>();
        Begin<MappingStart>("grid", "keys of the recipe with a list each, such as optimizer.lr_max: [1e-3, 1e-4]");
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            ConfigurationKey key = Key(Name(lines, "grid."));
            List<RecipeSetting> values = [.. List(key.Path, "a list of values, such as [1, 2]").Select(value => Setting(key, value))];
            if ((long)points.Count * values.Count > MostSettings)
            {
                throw new InvalidInputException(
                    $"{_path}:{lines[key.Path]}: {key.Path}: the grid has more than {MostSettings} points; leave some out");
            }

            points = [.. points.SelectMany(point => values.Select(value => (List<RecipeSetting>)[.. point, value]))];
        }

        return [.. points.Select(point => new ExperimentSetting(null, point))];
    }

    /// <summary>Changes, one setting after the other.</summary>
    private List<ExperimentSetting> Runs()
    {
        Begin<SequenceStart>("runs", "a list of changes, such as - {optimizer.clip: 0}");
        var runs = new List<ExperimentSetting>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            long? line = _parser.Current?.Start.Line;
            List<RecipeSetting> changes = Changes("runs", out string? name);
            runs.Add(new ExperimentSetting(name, changes) { Line = line });
        }

        return runs;
    }

    private List<RecipeSetting> Changes(string where, out string? name)
    {
        name = null;
        var changes = new List<RecipeSetting>();
        var lines = new Dictionary<string, long>();
        Begin<MappingStart>(where, "keys of the recipe with a value each, such as optimizer.clip: 0");
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            Scalar key = Name(lines, where + ".");
            if (where == "runs" && key.Value == "name")
            {
                name = Text("name", "a name").Value;
                continue;
            }

            ConfigurationKey found = Key(key);
            changes.Add(Setting(found, Text(found.Path, found.Expected)));
        }

        return changes;
    }

    private List<Scalar> List(string key, string expected)
    {
        ParsingEvent start = _parser.Current!;
        Begin<SequenceStart>(key, expected);
        var values = new List<Scalar>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            values.Add(Text(key, expected));
        }

        return values.Count > 0 ? values : throw At(start, $"{key}: the list is empty; expected {expected}");
    }

    private ConfigurationKey Key(Scalar name)
    {
        if (ConfigurationSchema.Find(name.Value) is { } key)
        {
            return key;
        }

        int dot = name.Value.IndexOf('.', StringComparison.Ordinal);
        string section = dot < 0 ? name.Value : name.Value[..dot];
        throw At(name, dot < 0 ? $"{name.Value}: expected section.key, such as optimizer.lr_max"
            : !ConfigurationSchema.Sections.Contains(section) ? RecipeYaml.UnknownSection(section)
            : RecipeYaml.UnknownKey(section, name.Value[(dot + 1)..]));
    }

    private RecipeSetting Setting(ConfigurationKey key, Scalar value) =>
        new(key, new OptionText(value.Value, value.Style is not ScalarStyle.Plain), $"{_path}:{value.Start.Line}");

    private (ulong Seed, string Origin) Seed(Scalar value) =>
        ulong.TryParse(value.Value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
            ? (seed, $"{_path}:{value.Start.Line}")
            : throw At(value, $"seeds: {value.Value} is not possible; expected whole numbers from 0");

    private Scalar Text(string key, string expected) => _parser.TryConsume<Scalar>(out Scalar? value)
        ? value
        : throw At(_parser.Current!, $"{key}: expected {expected}");

    private Scalar Name(Dictionary<string, long> lines, string prefix)
    {
        Scalar name = Text("a key", "a name, such as config:");
        return lines.TryAdd(name.Value, name.Start.Line)
            ? name
            : throw At(name, $"{prefix}{name.Value}: this key is already on line {lines[name.Value]}; keep one of them");
    }

    private void Begin<T>(string key, string expected)
        where T : ParsingEvent
    {
        if (!_parser.TryConsume<T>(out _))
        {
            throw At(_parser.Current!, $"{key}: expected {expected}");
        }
    }

    private string Required(string key, string expected) => _texts.TryGetValue(key, out string? text) && text.Length > 0
        ? text
        : throw new InvalidInputException($"{_path}: {key}: missing; expected {expected}");

    private int? Number(string key)
    {
        if (!_texts.TryGetValue(key, out string? text))
        {
            return null;
        }

        OptionRange range = ExperimentFile.ThreadsRange;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && range.Contains(number)
            ? number
            : throw new InvalidInputException($"{_path}:{_lines[key]}: {key}: {text} is not possible; expected a whole number {range}");
    }

    private string? Metric() => !_texts.TryGetValue("metric", out string? metric) || ExperimentFile.Metrics.Contains(metric)
        ? metric
        : throw new InvalidInputException(
            $"{_path}:{_lines["metric"]}: metric: {metric} is not possible; expected one of {string.Join(", ", ExperimentFile.Metrics)}");

    /// <summary>A key that is both fixed and varied, or a seed that is given twice, would silently win over the other.</summary>
    private void RefuseKeysTwice()
    {
        if (_grid is not null && _runs is not null)
        {
            throw new InvalidInputException(
                $"{_path}:{_lines["runs"]}: runs: there is a grid: on line {_lines["grid"]} too; keep one of them");
        }

        IEnumerable<RecipeSetting> varied = (_grid ?? _runs ?? []).SelectMany(setting => setting.Changes);
        if (varied.FirstOrDefault(change => _grid is not null && _fixed.Any(one => one.Key == change.Key)) is { } both)
        {
            string other = _fixed.First(one => one.Key == both.Key).Origin;
            throw new InvalidInputException($"{both.Origin}: {both.Key.Path}: set: has this key too, on {other}");
        }

        if (_seeds.Count > 0 && varied.Concat(_fixed).FirstOrDefault(change => change.Key.Path == "training.rng_seed") is { } seed)
        {
            throw new InvalidInputException(
                $"{seed.Origin}: training.rng_seed: seeds: on line {_lines["seeds"]} sets it already; keep one of them");
        }
    }

    private InvalidInputException At(ParsingEvent here, string problem) => new($"{_path}:{here.Start.Line}: {problem}");
}
