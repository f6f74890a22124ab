namespace Habla.Checkpoints;

/// <summary>
/// A part of a run with a state of its own that a resumed run needs, such as how long early stopping has waited or fp16's loss scale.
/// Add it to <see cref="CheckpointKeeper.Parts"/> before resuming. One that listens to the run stands before the keeper in the
/// trainer's listeners, so that it has heard of a step when that step is saved.
/// </summary>
public interface IStatefulPart
{
    /// <summary>Adds the part's state to what a checkpoint keeps, as a nullable record of <see cref="TrainingState"/>.</summary>
    /// <param name="state">The state so far.</param>
    /// <returns>The state with this part's.</returns>
    TrainingState AddTo(TrainingState state);

    /// <summary>Takes the part's state back.</summary>
    /// <param name="state">A checkpoint's state; without this part's when the run had none then.</param>
    void TakeFrom(TrainingState state);
}
