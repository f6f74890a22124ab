namespace Habla.Tracking;

/// <summary>One layer in a line of <c>health.jsonl</c>.</summary>
/// <param name="Layer">Such as <c>embedding</c>, <c>blocks.0</c>, <c>final_norm</c>, <c>head</c>.</param>
/// <param name="ActivationRms">Root mean square of what it gives.</param>
/// <param name="WeightNorm">Norm of its parameters; null for a tied head.</param>
/// <param name="GradientNorm">Norm of their gradients before clipping; null for a tied head.</param>
public sealed record LayerSize(string Layer, double ActivationRms, double? WeightNorm, double? GradientNorm);
