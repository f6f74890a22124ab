namespace Habla.Training;

/// <summary>How long a run has waited for its validation loss to fall.</summary>
/// <param name="BestLoss">The loss that the next must be below by more than min_delta, in nats; null before the first finite one.</param>
/// <param name="Waited">Evaluations since then.</param>
public sealed record EarlyStoppingState(double? BestLoss, int Waited);
