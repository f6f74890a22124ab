namespace Habla.Training.Health;

/// <summary>What a <see cref="StepDetector"/> knows of the steps so far; part of a checkpoint.</summary>
/// <param name="Kind">Whose it is.</param>
/// <param name="Warned">Whether it has warned, which it does once.</param>
/// <param name="Recent">The newest values that it goes by, from the oldest on.</param>
/// <param name="Marks">All else that it remembers, such as the least loss and its step.</param>
public sealed record StepDetectorState(HealthKind Kind, bool Warned, IReadOnlyList<double> Recent, IReadOnlyList<double> Marks);
