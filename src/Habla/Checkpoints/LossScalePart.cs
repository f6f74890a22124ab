using Habla.Training;

namespace Habla.Checkpoints;

/// <summary>Has checkpoints keep the loss scale of fp16.</summary>
/// <param name="scaling">The run's.</param>
internal sealed class LossScalePart(LossScaling scaling) : IStatefulPart
{
    public TrainingState AddTo(TrainingState state) => state with { LossScale = scaling.State };

    public void TakeFrom(TrainingState state) => scaling.State = state.LossScale ?? scaling.State;
}
