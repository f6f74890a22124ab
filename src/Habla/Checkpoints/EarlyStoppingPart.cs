using Habla.Training;

namespace Habla.Checkpoints;

/// <summary>Keeps how long a run has waited for its validation loss to fall, so that a resumed run ends at the same step.</summary>
/// <param name="stopping">The run's early stopping; where it is off, nothing is kept.</param>
internal sealed class EarlyStoppingPart(EarlyStopping stopping) : IStatefulPart
{
    public TrainingState AddTo(TrainingState state) => stopping.IsOn ? state with { EarlyStopping = stopping.State } : state;

    public void TakeFrom(TrainingState state) => stopping.State = state.EarlyStopping ?? new EarlyStoppingState(null, 0);
}
