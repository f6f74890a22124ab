namespace Habla.Training.Health;

/// <summary>What the detectors need to know about a run to tell a good one from a bad one.</summary>
/// <param name="TotalSteps">Updates in the whole run; at least 1.</param>
/// <param name="TokensPerStep">
/// Tokens of a step's batch, padding included: the fewer, the more the losses scatter by chance. At least 1.
/// </param>
/// <param name="MaximumLearningRate">The largest learning rate of the schedule.</param>
public sealed record HealthSettings(int TotalSteps, int TokensPerStep, double MaximumLearningRate)
{
    /// <summary>How far a loss has to move to tell more than chance, in nats: the fewer tokens a step, the more a loss scatters.</summary>
    /// <param name="least">What is asked for with many tokens, in nats.</param>
    /// <param name="scatter">How far chance moves a loss of one token, in nats; of n tokens 1 / √n of it.</param>
    internal double BeyondChance(double least, double scatter) => Math.Max(least, scatter / Math.Sqrt(TokensPerStep));
}
