using Habla.Benchmarks;
using Habla.Modeling;
using Habla.Tensors.Threading;
using Habla.Training;

namespace Habla.Tests.Training;

/// <summary>
/// A step takes next to nothing from the managed heap, so that no collection interrupts it. The counters are those of the whole process:
/// nothing else may run meanwhile.
/// </summary>
[Collection(Alone)]
public sealed class AllocationTests
{
    private const string Alone = "what counts the process's memory";
    private const int WarmUpSteps = 30, Steps = 50;
    private const long MostBytesAStep = 64 << 10;

    [Theory]
    [InlineData(1, Precision.Fp32)]
    [InlineData(2, Precision.Fp32)]
    [InlineData(2, Precision.Bf16)]
    public void A_step_of_the_preset_lab_allocates_little_and_causes_no_collection(int threads, Precision precision)
    {
        BenchmarkPreset preset = Assert.Single(BenchmarkPreset.Named("lab"));
        using var pool = new WorkerPool(threads);
        using var model = new Gpt(preset.Model);
        Initialization.Initialize(model, seed: 42);
        using var trainer = new Trainer(
            model, new RandomTokens(preset), new TrainingOptions { BatchSize = preset.BatchSize, Precision = precision },
            new OptimizerOptions(), new SchedulerOptions { TotalSteps = int.MaxValue }, pool);
        Step(trainer, WarmUpSteps);

        GC.Collect(); // what came before leaves no collection due
        GC.WaitForPendingFinalizers();
        int collections = GC.CollectionCount(0);
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        Step(trainer, Steps);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;

        Assert.Equal(0, GC.CollectionCount(0) - collections);
        Assert.InRange(allocated / Steps, 0, MostBytesAStep - 1);
    }

    private static void Step(Trainer trainer, int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            trainer.Step();
        }
    }

    /// <summary>Runs after all that runs side by side.</summary>
    [CollectionDefinition(Alone, DisableParallelization = true)]
    public sealed class WithoutOthers;
}
