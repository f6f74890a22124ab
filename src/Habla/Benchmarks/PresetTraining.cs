using Habla.Modeling;
using Habla.Tensors.Threading;
using Habla.Training;

namespace Habla.Benchmarks;

/// <summary>A preset being trained on random tokens, with no end in sight; what the benchmarks time.</summary>
internal sealed class PresetTraining : IDisposable
{
    /// <summary>Sets everything up; no step is done.</summary>
    /// <param name="preset">What to train.</param>
    /// <param name="threads">Threads to compute on; at least 1.</param>
    /// <param name="precision">In what numbers to compute; default fp32.</param>
    public PresetTraining(BenchmarkPreset preset, int threads, Precision precision = Precision.Fp32)
    {
        Pool = new WorkerPool(threads);
        Model = new Gpt(preset.Model);
        Initialization.Initialize(Model, seed: 42);
        Data = new RandomTokens(preset);
        Options = new TrainingOptions { BatchSize = preset.BatchSize, Precision = precision };
        Trainer = new Trainer(
            Model, Data, Options, new OptimizerOptions(), new SchedulerOptions { TotalSteps = int.MaxValue }, Pool);
    }

    /// <summary>The threads.</summary>
    public WorkerPool Pool { get; }

    /// <summary>The model, with its initial weights until the first step.</summary>
    public Gpt Model { get; }

    /// <summary>The batches.</summary>
    public RandomTokens Data { get; }

    /// <summary>Batch size and precision; all else as by default.</summary>
    public TrainingOptions Options { get; }

    /// <summary>The loop.</summary>
    public Trainer Trainer { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Trainer.Dispose();
        Model.Dispose();
        Pool.Dispose();
    }
}
