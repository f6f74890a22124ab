using Habla.Training;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Habla.Configuration;

/// <summary>The option that is a list of parameter groups, read from YAML and written on one line.</summary>
internal static class ParameterGroupsOption
{
    private static readonly OptionKind<double> _scale = OptionKind.Number(ParameterGroup.LearningRateScaleRange);
    private static readonly OptionKind<double> _decay = OptionKind.Number(OptimizerOptions.WeightDecayRange);

    /// <summary>The type of option.</summary>
    public static OptionKind<ParameterGroups> Kind { get; } = new(
        "a list such as `[{match: \"blocks.*.attention.*\", lr_scale: 0.5, weight_decay: 0}]`, first match wins", TryRead, Write)
    {
        IsList = true,
    };

    private static bool TryRead(OptionText text, out ParameterGroups groups)
    {
        groups = ParameterGroups.None;
        if (text.IsNull)
        {
            return true;
        }

        try
        {
            var parser = new Parser(new StringReader(text.Text));
            parser.Consume<StreamStart>();
            parser.Consume<DocumentStart>();
            parser.Consume<SequenceStart>();
            var read = new List<ParameterGroup>();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                if (!TryReadGroup(parser, out ParameterGroup? group))
                {
                    return false;
                }

                read.Add(group!);
            }

            parser.Consume<DocumentEnd>();
            parser.Consume<StreamEnd>();
            groups = new ParameterGroups(read);
            return true;
        }
        catch (YamlException)
        {
            return false;
        }
    }

    private static bool TryReadGroup(Parser parser, out ParameterGroup? group)
    {
        group = null;
        parser.Consume<MappingStart>();
        var seen = new HashSet<string>();
        var read = new ParameterGroup("");
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            string name = parser.Consume<Scalar>().Value;
            Scalar value = parser.Consume<Scalar>();
            var text = new OptionText(value.Value, value.Style is not ScalarStyle.Plain);
            double number = 0;
            bool isValid = seen.Add(name) && name switch
            {
                "match" => !text.IsNull,
                "lr_scale" => _scale.TryRead(text, out number),
                "weight_decay" => text.IsNull || _decay.TryRead(text, out number),
                _ => false,
            };
            if (!isValid)
            {
                return false;
            }

            read = name switch
            {
                "match" => read with { Match = text.Text },
                "lr_scale" => read with { LearningRateScale = number },
                _ => read with { WeightDecay = text.IsNull ? null : number },
            };
        }

        group = read;
        return read.Match.Length > 0;
    }

    private static string Write(ParameterGroups groups) => $"[{string.Join(", ", groups.Select(group =>
        $"{{match: {OptionKind.WriteText(group.Match)}, lr_scale: {OptionKind.WriteNumber(group.LearningRateScale)}, "
        + $"weight_decay: {(group.WeightDecay is { } decay ? OptionKind.WriteNumber(decay) : "null")}}}"))}]";
}
