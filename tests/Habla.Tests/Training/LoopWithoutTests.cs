using Habla.Data;
using Habla.Evaluation;
using Habla.Modeling;
using Habla.Tensors;
using Habla.Training;

namespace Habla.Tests.Training;

/// <summary>
/// What the loop would do without one of its parts, where no key of a recipe takes the part away. docs/training-loop.md quotes the
/// figures; the bits are the same everywhere, so the tests can hold them.
/// </summary>
public class LoopWithoutTests
{
    private const int Vocabulary = 12, Length = 12;

    [Fact]
    public void A_mask_of_ones_learns_padding_first_and_reports_a_loss_that_is_not_the_texts()
    {
        (double reported, double real) = Train(allOnes: false);
        (double reportedOnes, double realOnes) = Train(allOnes: true);

        // The report looks better, and the text is learned worse.
        Assert.Equal((1.386, 0.825), (Math.Round(reported, 3), Math.Round(reportedOnes, 3)));
        Assert.Equal((1.428, 2.442), (Math.Round(real, 3), Math.Round(realOnes, 3)));

        static (double Reported, double Real) Train(bool allOnes)
        {
            using Gpt model = TrainingSamples.Model(Config());
            var batches = new SampleBatches([.. Enumerable.Range(0, 16).Select(i => Ascending(8, i, allOnes))]);
            RecordingListener heard = TrainingSamples.Run(model, batches, steps: 40, batchSize: 8);
            using var evaluator = new Evaluator(model);
            double real = evaluator.Evaluate(Enumerable.Range(100, 8).Select(i => Ascending(8, i, allOnes: false))).Loss;
            return (heard.Steps.TakeLast(8).Average(step => step.Loss), real);
        }
    }

    [Fact]
    public void One_batch_over_and_over_is_learned_by_heart_and_nothing_else()
    {
        (double seen, double unseen) = Train(16);
        (double seenOne, double unseenOne) = Train(1);
        Assert.Equal((0.733, 0.001), (Math.Round(seen, 3), Math.Round(seenOne, 3)));
        Assert.Equal((1.081, 7.596), (Math.Round(unseen, 3), Math.Round(unseenOne, 3)));

        static (double Seen, double Unseen) Train(int batches)
        {
            using Gpt model = TrainingSamples.Model(Config());
            RecordingListener heard = TrainingSamples.Run(
                model, new SampleBatches([.. Enumerable.Range(0, batches).Select(i => Ascending(2, i, allOnes: false))]), steps: 200,
                batchSize: 2);
            using var evaluator = new Evaluator(model);
            return (heard.Steps[^1].Loss, evaluator.Evaluate(Enumerable.Range(100, 8).Select(i => Ascending(8, i, allOnes: false))).Loss);
        }
    }

    [Theory]
    [InlineData(0.95, 0.447, 1.1, 20)]
    [InlineData(0.999, 3.162, 6.57, 12)]
    public void Without_bias_correction_the_first_updates_have_the_wrong_size(double beta2, double first, double largest, int update)
    {
        double[] corrected = UpdateSizes(beta2, isCorrected: true), without = UpdateSizes(beta2, isCorrected: false);
        Assert.All(corrected, size => Assert.Equal(1, size, 1e-3));
        Assert.Equal(0.1 / Math.Sqrt(1 - beta2), without[0], 1e-2);
        Assert.Equal(first, without[0], 2e-3);
        Assert.Equal((largest, update), (Math.Round(without.Max(), 2), Array.IndexOf(without, without.Max()) + 1));
    }

    [Fact]
    public void Without_bias_correction_a_run_with_a_long_memory_starts_with_steps_too_large()
    {
        double corrected = Train(isCorrected: true), without = Train(isCorrected: false);
        Assert.Equal((1.021, 1.113), (Math.Round(corrected, 3), Math.Round(without, 3)));

        static double Train(bool isCorrected)
        {
            using Gpt model = TrainingSamples.Model(Config());
            using var trainer = new Trainer(
                model, new SampleBatches([.. Enumerable.Range(0, 16).Select(i => Ascending(8, i, allOnes: false))]),
                new TrainingOptions { BatchSize = 8 },
                new OptimizerOptions { MaximumLearningRate = 0.01, MinimumLearningRate = 0.01, Beta2 = 0.999 },
                new SchedulerOptions { Type = ScheduleKind.Constant, WarmupSteps = 0, TotalSteps = 60 });
            trainer.Optimizer.UpdateCount = isCorrected ? 0 : Late;
            var heard = new RecordingListener();
            trainer.Listeners.Add(heard);
            trainer.Run();
            return heard.Steps.TakeLast(10).Average(step => step.Loss);
        }
    }

    /// <summary>So many updates ago that 1 − βᵗ is 1: the corrections do nothing.</summary>
    private const int Late = 1_000_000;

    /// <summary>The sizes of fifty updates by a gradient of ones, in learning rates.</summary>
    private static double[] UpdateSizes(double beta2, bool isCorrected)
    {
        var parameters = new ParameterSet();
        parameters.Add("x", new Shape(1), ParameterKind.Bias);
        Parameter parameter = parameters["x"];
        using var optimizer = new AdamW(parameters, new OptimizerOptions { Beta2 = beta2 }) { UpdateCount = isCorrected ? 0 : Late };
        using ParameterBuffer gradients = parameters.CreateBuffer();
        gradients.Data(parameter).Fill(1);
        double[] sizes = new double[50];
        for (int i = 0; i < sizes.Length; i++)
        {
            parameters.Data(parameter)[0] = 0;
            optimizer.Update(gradients, learningRate: 1e-3, gradientScale: 1, Habla.Tensors.Threading.WorkerPool.Serial);
            sizes[i] = -parameters.Data(parameter)[0] / 1e-3;
        }

        parameters.Dispose();
        return sizes;
    }

    private static GptConfig Config() => TrainingSamples.Config() with
    {
        VocabularySize = Vocabulary, ContextLength = Length, InitializationStd = 0.05,
    };

    /// <summary>
    /// Rows that count upwards from a random token by a random step, round the vocabulary without 0, and end early: 0 is padding.
    /// </summary>
    private static Batch Ascending(int rows, int seed, bool allOnes)
    {
        var random = new SeededRandom((ulong)seed, RandomPurpose.DataOrder, 3);
        var batch = new Batch(rows, Length);
        for (int row = 0; row < rows; row++)
        {
            int real = 3 + random.Below((ulong)(3 * row), 4), start = random.Below((ulong)(3 * row) + 1, Vocabulary - 1);
            int stride = 1 + random.Below((ulong)(3 * row) + 2, 3);
            for (int t = 0; t < Length; t++)
            {
                int at = (row * Length) + t;
                batch.Inputs[at] = t < real ? Token(t) : 0;
                batch.Targets[at] = t + 1 < real ? Token(t + 1) : 0;
                batch.KeyMask[at] = allOnes || t < real;
                batch.LossMask[at] = allOnes || t + 1 < real;
            }

            int Token(int t) => 1 + ((start + (t * stride)) % (Vocabulary - 1));
        }

        return batch;
    }
}
