using System.Text.Json.Serialization;

namespace Habla.Training;

/// <summary>Parameters that learn at a rate, or decay by an amount, of their own.</summary>
/// <param name="Match">
/// Their names, with <c>*</c> for any letters and <c>?</c> for one: <c>blocks.*.attention.*</c>. Upper and lower case differ.
/// </param>
/// <param name="LearningRateScale">What the schedule's rate is multiplied by. Default 1; from 0, which freezes them, to 1,000.</param>
/// <param name="WeightDecay">
/// λ in place of <c>optimizer.weight_decay</c>; null (the default) for that one. Norms and biases never decay. From 0 to 10.
/// </param>
public sealed record ParameterGroup(
    string Match, [property: JsonPropertyName("lr_scale")] double LearningRateScale = 1, double? WeightDecay = null)
{
    internal static readonly OptionRange LearningRateScaleRange = new(0, 1_000);

    /// <summary>Checks every value.</summary>
    /// <exception cref="InvalidInputException">A value is impossible; the message names <c>optimizer.groups</c>.</exception>
    public void Validate()
    {
        if (Match.Length == 0)
        {
            throw new InvalidOptionException(
                "optimizer.groups", "a group matches nothing; expected parameter names such as blocks.*.attention.*");
        }

        LearningRateScaleRange.Check($"optimizer.groups: {Match}: lr_scale", LearningRateScale);
        if (WeightDecay is { } decay)
        {
            OptimizerOptions.WeightDecayRange.Check($"optimizer.groups: {Match}: weight_decay", decay);
        }
    }
}
