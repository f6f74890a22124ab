namespace Habla.Training.Health;

/// <summary>Something that looks wrong, and what to try.</summary>
/// <param name="Kind">What kind it is.</param>
/// <param name="Step">After which step it was seen, from 1.</param>
/// <param name="Message">What was seen, against which limit, and what to try, in one line.</param>
public sealed record HealthWarning(HealthKind Kind, int Step, string Message);
