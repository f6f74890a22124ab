using Habla.Tracking.TensorBoard;
using Habla.Training;

namespace Habla.Runs;

/// <summary>Tells TensorBoard's event file of each step.</summary>
/// <param name="log">The event file.</param>
internal sealed class TensorBoardListener(TensorBoardLog log) : ITrainingListener
{
    public void OnStep(StepCompleted step) => log.Add(RunLog.LineOf(step));
}
