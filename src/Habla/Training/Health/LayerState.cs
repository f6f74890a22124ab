namespace Habla.Training.Health;

/// <summary>How large the numbers of one layer are at one moment of a run.</summary>
/// <param name="Layer">Such as <c>embedding</c>, <c>blocks.0</c>, <c>final_norm</c>, <c>head</c>.</param>
/// <param name="ActivationRms">Root mean square of what it gives at the tokens that are no padding.</param>
/// <param name="WeightNorm">Norm of all its parameters; null for a tied head, which has none of its own.</param>
/// <param name="GradientNorm">Norm of their gradients before clipping; null for a tied head.</param>
public sealed record LayerState(string Layer, double ActivationRms, double? WeightNorm, double? GradientNorm);
