using Habla.Training;

namespace Habla.Tests.Training;

/// <summary>Keeps everything it hears, and may do something at each step.</summary>
internal sealed class RecordingListener(Action<StepCompleted>? atStep = null) : ITrainingListener
{
    public List<StepCompleted> Steps { get; } = [];

    public List<string> Warnings { get; } = [];

    public void OnStep(StepCompleted step)
    {
        Steps.Add(step);
        atStep?.Invoke(step);
    }

    public void OnWarning(string warning) => Warnings.Add(warning);
}
