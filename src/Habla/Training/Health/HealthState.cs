namespace Habla.Training.Health;

/// <summary>What the watch over a run's health knows of its steps; part of a checkpoint, so that none has to be looked at again.</summary>
/// <param name="Steps">What looks at the steps.</param>
/// <param name="LayersWarned">What was warned of about layers.</param>
/// <param name="FirstLayers">The first look at the layers; null before it.</param>
/// <param name="LargeGradient">Whether it was told that a gradient is large.</param>
public sealed record HealthState(
    IReadOnlyList<StepDetectorState> Steps, IReadOnlyList<HealthKind> LayersWarned, IReadOnlyList<LayerState>? FirstLayers,
    bool LargeGradient)
{
    internal bool IsPossible =>
        Steps is not null && LayersWarned is not null && Steps.All(one => one is { Recent: not null, Marks: not null });
}
