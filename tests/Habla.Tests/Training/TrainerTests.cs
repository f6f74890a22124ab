using Habla.Evaluation;
using Habla.Modeling;
using Habla.Tensors.Threading;
using Habla.Training;

namespace Habla.Tests.Training;

public class TrainerTests
{
    [Fact]
    public void Epochs_make_steps_and_each_step_says_where_it_is()
    {
        using Gpt model = TrainingSamples.Model();
        using var trainer = new Trainer(
            model, new SampleBatches(3, 4), new TrainingOptions { BatchSize = 4, Epochs = 2 }, new OptimizerOptions(),
            new SchedulerOptions { WarmupSteps = 2 });
        var heard = new RecordingListener();
        trainer.Listeners.Add(heard);
        Assert.Equal(6, trainer.TotalSteps);
        trainer.Run();
        Assert.Equal(6, trainer.StepsDone);
        Assert.Equal(6, trainer.Optimizer.UpdateCount);
        Assert.Equal([1, 2, 3, 4, 5, 6], heard.Steps.Select(step => step.Step));
        Assert.Equal([0, 0, 0, 1, 1, 1], heard.Steps.Select(step => step.Epoch));
        Assert.Equal(1.5e-4, heard.Steps[0].LearningRate, 1e-12);
        var sameData = new SampleBatches(3, 4);
        Assert.Equal(Enumerable.Range(0, 6).Select(_ => sameData.Next().TargetCount), heard.Steps.Select(step => step.Tokens));
    }

    [Fact]
    public void It_learns_what_does_not_change()
    {
        using Gpt model = TrainingSamples.Model();
        RecordingListener heard = TrainingSamples.Run(model, new SampleBatches(TrainingSamples.Batch(4)), steps: 60);
        Assert.True(heard.Steps[^1].Loss < heard.Steps[0].Loss / 4, $"from {heard.Steps[0].Loss} to {heard.Steps[^1].Loss}");
    }

    [Fact]
    public void It_validates_every_few_steps_and_at_the_end()
    {
        using Gpt model = TrainingSamples.Model();
        using var trainer = new Trainer(
            model, new SampleBatches(3, 4), new TrainingOptions { BatchSize = 4, ValidateEvery = 3 }, new OptimizerOptions(),
            new SchedulerOptions { WarmupSteps = 0, TotalSteps = 10 });
        int asked = 0;
        trainer.Validate = () => new EvaluationResult(++asked, 1, 0.5);
        var heard = new RecordingListener();
        trainer.Listeners.Add(heard);
        trainer.Run();
        Assert.Equal(
            [(3, 1.0), (6, 2.0), (9, 3.0), (10, 4.0)],
            heard.Steps.Where(step => step.ValidationLoss is not null).Select(step => (step.Step, step.ValidationLoss!.Value)));
    }

    [Fact]
    public void Listeners_hear_in_order_after_the_update_and_a_warning_comes_before_its_step()
    {
        using Gpt model = TrainingSamples.Model(TrainingSamples.Config() with { InitializationStd = 1 });
        using Trainer trainer = TrainingSamples.Trainer(model, new SampleBatches(3, 4), steps: 2);
        var order = new List<string>();
        trainer.Listeners.Add(new Scribe("first", order, () => trainer.StepsDone));
        trainer.Listeners.Add(new Scribe("second", order, () => trainer.StepsDone));
        trainer.Step();
        trainer.Step();
        Assert.Contains(order, line => line.StartsWith("first warns: the first loss is", StringComparison.Ordinal));
        Assert.Equal(
            ["first 1 done 1", "second 1 done 1", "first 2 done 2", "second 2 done 2"],
            order.Where(line => !line.Contains("warns", StringComparison.Ordinal)));
        Assert.True(order.FindLastIndex(line => line.Contains("warns", StringComparison.Ordinal)) < order.IndexOf("first 1 done 1"));
    }

    [Fact]
    public void A_stop_lets_the_step_finish_and_the_run_can_go_on()
    {
        using Gpt model = TrainingSamples.Model(), through = TrainingSamples.Model();
        using Trainer trainer = TrainingSamples.Trainer(model, new SampleBatches(3, 4), steps: 8);
        using var stop = new CancellationTokenSource();
        var heard = new RecordingListener(step =>
        {
            if (step.Step == 3)
            {
                stop.Cancel();
            }
        });
        trainer.Listeners.Add(heard);
        trainer.Run(stop.Token);
        Assert.Equal((3, 3, 3), (trainer.StepsDone, heard.Steps.Count, trainer.Optimizer.UpdateCount));
        trainer.Run(stop.Token);
        Assert.Equal(3, trainer.StepsDone);
        trainer.Run();
        Assert.Equal(8, trainer.StepsDone);
        TrainingSamples.Run(through, new SampleBatches(3, 4), steps: 8);
        Assert.Equal(TrainingSamples.Weights(through), TrainingSamples.Weights(model));
    }

    [Fact]
    public void The_speed_is_measured_by_the_clock_it_is_given_without_validation()
    {
        using Gpt model = TrainingSamples.Model();
        var clock = new StepClock();
        using var trainer = new Trainer(
            model, new SampleBatches(3, 4), new TrainingOptions { BatchSize = 4, ValidateEvery = 1 }, new OptimizerOptions(),
            new SchedulerOptions { WarmupSteps = 0, TotalSteps = 1 }, time: clock);
        trainer.Validate = () => new EvaluationResult(clock.Now += 1_000_000, 1, 0.5);
        var heard = new RecordingListener();
        trainer.Listeners.Add(heard);
        trainer.Run();
        Assert.Equal(new SampleBatches(3, 4).Next().TargetCount / 2.0, heard.Steps[0].TokensPerSecond, 1e-9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_seed_decides_the_final_weights_and_the_threads_do_not(int threads)
    {
        using var pool = new WorkerPool(threads);
        float[] first = Train(42, WorkerPool.Serial), same = Train(42, pool), other = Train(43, pool);
        Assert.Equal(TrainingSamples.Bits(first), TrainingSamples.Bits(same));
        Assert.NotEqual(first, other);

        static float[] Train(ulong seed, WorkerPool pool)
        {
            using Gpt model = TrainingSamples.Model(dropout: 0.1, seed: 1);
            TrainingSamples.Run(model, new SampleBatches(3, 4), steps: 12, seed, pool: pool);
            return TrainingSamples.Weights(model);
        }
    }

    [Fact]
    public void Another_seed_begins_with_other_weights()
    {
        using Gpt first = TrainingSamples.Model(seed: 1), same = TrainingSamples.Model(seed: 1), other = TrainingSamples.Model(seed: 2);
        Assert.Equal(TrainingSamples.Weights(first), TrainingSamples.Weights(same));
        Assert.NotEqual(TrainingSamples.Weights(first), TrainingSamples.Weights(other));
    }

    [Fact]
    public void After_warming_up_a_step_asks_little_of_the_garbage_collector()
    {
        const long most = 64 * 1024;
        using Gpt model = TrainingSamples.Model(GptConfig.Minigpt() with { Dropout = 0.1 });
        var data = new SampleBatches(TrainingSamples.Batch(8, length: 32, vocabulary: 64), TrainingSamples.Batch(8, 1, 32, 64));
        using Trainer trainer = TrainingSamples.Trainer(model, data, steps: 40, batchSize: 8, pool: WorkerPool.Serial);
        for (int i = 0; i < 5; i++)
        {
            trainer.Step();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            trainer.Step();
        }

        long perStep = (GC.GetAllocatedBytesForCurrentThread() - before) / 10;
        Assert.True(perStep < most, $"{perStep} bytes a step");
    }

    private sealed class Scribe(string name, List<string> lines, Func<int> stepsDone) : ITrainingListener
    {
        public void OnStep(StepCompleted step) => lines.Add($"{name} {step.Step} done {stepsDone()}");

        public void OnWarning(string warning) => lines.Add($"{name} warns: {warning}");
    }

    /// <summary>Two seconds pass between two looks at it.</summary>
    private sealed class StepClock : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Now += 2;
    }
}
