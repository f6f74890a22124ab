using Habla.Checkpoints;
using Habla.Modeling;
using Habla.Tests.Training;
using Habla.Training;

namespace Habla.Tests.Checkpoints;

/// <summary>A folder of checkpoints of one small model, saved under whatever names and steps a test asks for.</summary>
internal sealed class CheckpointFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AdamW _optimizer;

    public CheckpointFolder() => _optimizer = new AdamW(Model.Parameters, new OptimizerOptions());

    public string Path => _folder.Path;

    public Gpt Model { get; } = TrainingSamples.Model();

    /// <summary>The state of a run of 20 steps after one of them.</summary>
    public static TrainingState State(int step) => new()
    {
        SchemaVersion = TrainingState.CurrentSchemaVersion,
        Step = step,
        OptimizerUpdates = step,
        Scheduler = new SchedulerState(step, 20),
        Data = new DataState(0, step),
        TrainingRandom = new RandomState(RandomState.Philox, 42, step),
        DataRandom = new RandomState(RandomState.Philox, 7, 0),
    };

    public string In(string name) => _folder.In(name);

    /// <summary>Saves a checkpoint.</summary>
    /// <returns>Its folder.</returns>
    public string Save(string name, int step)
    {
        Checkpoint.Save(In(name), Model, _optimizer, State(step));
        return In(name);
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        Model.Dispose();
        _folder.Dispose();
    }
}
