namespace Habla.Training.Health;

/// <summary>What the detectors need to know about a run to tell a good one from a bad one.</summary>
/// <param name="TotalSteps">Updates in the whole run; at least 1.</param>
/// <param name="TokensPerStep">
/// Tokens of a step's batch, padding included: the fewer, the more the losses scatter by chance. At least 1.
/// </param>
/// <param name="MaximumLearningRate">The largest learning rate of the schedule.</param>
public sealed record HealthSettings(int TotalSteps, int TokensPerStep, double MaximumLearningRate);
