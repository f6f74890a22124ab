using System.Text.Json.Serialization;

namespace Habla.Tracking;

/// <summary>A line of <c>health.jsonl</c>: a warning, or a look at the layers.</summary>
/// <param name="Step">After which step, from 1.</param>
/// <param name="Kind">What kind of warning it is, such as <c>rising_loss</c>; <c>layers</c> for a look.</param>
/// <param name="Message">What was seen and what to try; null for a look.</param>
/// <param name="Layers">The layers from the first to the last; null for a warning.</param>
public sealed record HealthLine(
    int Step,
    string Kind,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Message = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<LayerSize>? Layers = null)
{
    /// <summary>What <see cref="Kind"/> says of a look at the layers.</summary>
    public const string LayersKind = "layers";
}
