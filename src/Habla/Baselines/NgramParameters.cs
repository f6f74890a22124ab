using System.Text.Json.Serialization;

namespace Habla.Baselines;

/// <summary>The tuned parameters of an n-gram model; which of them are set depends on the family.</summary>
/// <param name="Alpha">Add-α: what every count is raised by.</param>
/// <param name="Discounts">Kneser–Ney: the discounts of 1-grams, 2-grams, … up to the model's order.</param>
public sealed record NgramParameters(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Alpha,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<KneserNeyDiscount>? Discounts);
