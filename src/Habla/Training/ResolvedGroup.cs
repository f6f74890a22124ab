using System.IO.Enumeration;
using System.Text.Json.Serialization;
using Habla.Tensors;
using Habla.Tensors.Ops;

namespace Habla.Training;

/// <summary>A group of parameters with the names that it came to in a model.</summary>
/// <param name="Match">The pattern of names.</param>
/// <param name="LearningRateScale">What the schedule's rate is multiplied by.</param>
/// <param name="WeightDecay">λ of its weights; norms and biases never decay.</param>
/// <param name="Parameters">The names of its parameters, in the model's order; at least one.</param>
/// <param name="Count">Numbers in them all.</param>
public sealed record ResolvedGroup(
    string Match, [property: JsonPropertyName("lr_scale")] double LearningRateScale, double WeightDecay,
    IReadOnlyList<string> Parameters, long Count)
{
    /// <summary>Finds the parameters of each group; each belongs to the first group that matches its name.</summary>
    /// <param name="parameters">A model's parameters.</param>
    /// <param name="options">The groups, and the weight decay of those that have none of their own.</param>
    /// <exception cref="InvalidInputException">A group has no parameter.</exception>
    public static IReadOnlyList<ResolvedGroup> Resolve(ParameterSet parameters, OptimizerOptions options)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(options);
        ILookup<int, Parameter> owned = parameters.Parameters.ToLookup(parameter => GroupOf(parameter, options.Groups));
        return [.. options.Groups.Select((group, index) => owned[index].Any()
            ? new ResolvedGroup(
                group.Match, group.LearningRateScale, group.WeightDecay ?? options.WeightDecay,
                [.. owned[index].Select(parameter => parameter.Name)], owned[index].Sum(parameter => (long)parameter.Shape.Count))
            : throw Unmatched(group, parameters))];
    }

    /// <summary>The rates of each parameter by its index; null when all have the same, because there is no group.</summary>
    internal static AdamWRates[]? RatesOf(ParameterSet parameters, OptimizerOptions options) => options.Groups.Count == 0
        ? null
        : [.. parameters.Parameters.Select(parameter => GroupOf(parameter, options.Groups) is >= 0 and var index
            ? new AdamWRates(options.Groups[index].LearningRateScale, options.Groups[index].WeightDecay ?? options.WeightDecay)
            : new AdamWRates(1, options.WeightDecay))];

    private static int GroupOf(Parameter parameter, ParameterGroups groups)
    {
        for (int i = 0; i < groups.Count; i++)
        {
            if (Matches(groups[i], parameter))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool Matches(ParameterGroup group, Parameter parameter) =>
        FileSystemName.MatchesSimpleExpression(group.Match, parameter.Name, ignoreCase: false);

    private static InvalidOptionException Unmatched(ParameterGroup group, ParameterSet parameters) => new(
        "optimizer.groups",
        parameters.Parameters.Any(parameter => Matches(group, parameter))
            ? $"every parameter that {group.Match} matches belongs to a group before it; put the narrower group first"
            : $"{group.Match} matches no parameter; their names are such as {parameters.Parameters[0].Name} "
                + $"and {parameters.Parameters[^1].Name}");
}
