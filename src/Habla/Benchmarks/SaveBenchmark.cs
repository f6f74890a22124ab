using System.Diagnostics;
using Habla.Checkpoints;
using Habla.Tensors.Measuring;
using Habla.Training;

namespace Habla.Benchmarks;

/// <summary>Times what a checkpoint costs the training loop: the copy it waits for, and the writing beside the next step.</summary>
public static class SaveBenchmark
{
    /// <summary>Measures one preset.</summary>
    /// <param name="preset">What to train.</param>
    /// <param name="threads">Threads to compute on; at least 1.</param>
    /// <param name="pairs">How many steps to time alone, and as many with a save; at least 1.</param>
    /// <param name="folder">Where to write, on the disk in question; the checkpoint is deleted afterwards.</param>
    /// <exception cref="InvalidInputException">The folder cannot be written.</exception>
    public static SaveMeasurement Measure(BenchmarkPreset preset, int threads, int pairs, string folder)
    {
        ArgumentNullException.ThrowIfNull(preset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pairs);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        using var training = new PresetTraining(preset, threads);
        string checkpoints = Path.Combine(folder, $"save-{Environment.ProcessId}");
        using var keeper = new CheckpointKeeper(
            checkpoints, new CheckpointOptions { Every = 1 }, training.Options, training.Trainer, training.Model, training.Data);
        try
        {
            return Measure(preset, threads, pairs, training, keeper);
        }
        finally
        {
            Delete(keeper, checkpoints);
        }
    }

    private static SaveMeasurement Measure(
        BenchmarkPreset preset, int threads, int pairs, PresetTraining training, CheckpointKeeper keeper)
    {
        Trainer trainer = training.Trainer;
        var (steps, copies, stepsWithSave, writes, writesCpu) =
            (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
        trainer.Step();
        Copy(trainer, keeper); // the buffers are made
        trainer.Step();
        for (int pair = 0; pair < pairs; pair++)
        {
            keeper.WaitForSaves();
            steps.Add(Time(trainer.Step));
            copies.Add(Time(() => Copy(trainer, keeper)));
            TimeSpan before = Cpu();
            writes.Add(Time(keeper.WaitForSaves));
            writesCpu.Add((Cpu() - before).TotalMilliseconds);
            stepsWithSave.Add(Time(() =>
            {
                Copy(trainer, keeper);
                trainer.Step();
            }));
        }

        keeper.WaitForSaves();
        return new SaveMeasurement
        {
            Preset = preset.Name,
            Parameters = training.Model.Parameters.Count,
            Bytes = Directory.EnumerateFiles(keeper.LastFolder).Sum(file => new FileInfo(file).Length),
            Threads = threads,
            Pairs = pairs,
            StepMs = Median.Of(steps),
            LoopMs = Median.Of(copies),
            StepWithSaveMs = Median.Of(stepsWithSave),
            WriteMs = Median.Of(writes),
            WriteCpuMs = Median.Of(writesCpu),
        };
    }

    private static void Copy(Trainer trainer, CheckpointKeeper keeper) =>
        keeper.OnStep(new StepCompleted(trainer.StepsDone, 0, 1, 1, 1, 1, 1, null));

    private static double Time(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static TimeSpan Cpu() => Environment.CpuUsage.TotalTime;

    private static void Delete(CheckpointKeeper keeper, string checkpoints)
    {
        keeper.Dispose();
        if (Directory.Exists(checkpoints))
        {
            Directory.Delete(checkpoints, recursive: true);
        }
    }
}
