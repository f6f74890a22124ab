namespace Habla.Training;

/// <summary>
/// Ends a run that no longer learns: after <c>patience</c> evaluations in a row of which none was lower than the best before it by
/// more than <c>min_delta</c>.
/// </summary>
/// <remarks>Prechelt, "Early stopping, but when?", in Neural Networks: Tricks of the Trade, 1998.</remarks>
/// <param name="patience">Evaluations in a row without progress that end the run; 0 never does.</param>
/// <param name="minimumDelta">How much lower than the best a loss must be to count as progress, in nats; at least 0.</param>
public sealed class EarlyStopping(int patience, double minimumDelta)
{
    /// <summary>What it has seen so far; set it when a run goes on from a checkpoint.</summary>
    public EarlyStoppingState State { get; set; } = new(null, 0);

    /// <summary>Whether it may end the run at all.</summary>
    public bool IsOn => patience > 0;

    /// <summary>Whether the run has ended.</summary>
    public bool HasStopped => IsOn && State.Waited >= patience;

    /// <summary>Takes note of an evaluation.</summary>
    /// <param name="loss">Mean loss per target over the validation data, in nats; one that is not finite is no progress.</param>
    public void Observe(double loss)
    {
        bool isProgress = double.IsFinite(loss) && (State.BestLoss is not { } best || loss < best - minimumDelta);
        State = isProgress ? new EarlyStoppingState(loss, 0) : State with { Waited = State.Waited + 1 };
    }
}
