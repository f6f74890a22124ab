namespace Habla.Training;

/// <summary>Hears what a run does: the console, the log, the plots and the checkpoints are listeners of the same events.</summary>
public interface ITrainingListener
{
    /// <summary>A step is done.</summary>
    /// <param name="step">What it did.</param>
    void OnStep(StepCompleted step);

    /// <summary>Something looks wrong, but the run goes on.</summary>
    /// <param name="warning">What, and what to try.</param>
    void OnWarning(string warning)
    {
    }
}
