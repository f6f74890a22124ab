namespace Habla.Generation;

/// <summary>What a model said.</summary>
/// <param name="Samples">The texts, in the order of their numbers.</param>
/// <param name="WindowSlides">
/// How often the context was full and the older half of it was forgotten (<see cref="InferenceSession"/> has the rule).
/// </param>
public sealed record GenerationResult(IReadOnlyList<GeneratedSample> Samples, int WindowSlides);
