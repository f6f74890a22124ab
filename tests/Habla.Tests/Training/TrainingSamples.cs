using Habla.Data;
using Habla.Modeling;
using Habla.Tensors;
using Habla.Training;

namespace Habla.Tests.Training;

/// <summary>Small models and batches of random tokens, the same in every run.</summary>
internal static class TrainingSamples
{
    public const int Vocabulary = 17, Context = 12;

    public static GptConfig Config(ModelFamily family = ModelFamily.Minigpt, double dropout = 0) => GptConfig.Of(family) with
    {
        LayerCount = 2, HeadCount = 2, Width = 16, FeedForwardWidth = 40, VocabularySize = Vocabulary, ContextLength = Context,
        Dropout = dropout, InitializationStd = 0.2, KeyValueHeadCount = family == ModelFamily.Llama ? 1 : null,
    };

    public static Gpt Model(ModelFamily family = ModelFamily.Minigpt, double dropout = 0, ulong seed = 1) =>
        Model(Config(family, dropout), seed);

    public static Gpt Model(GptConfig config, ulong seed = 1)
    {
        var model = new Gpt(config);
        Initialization.Initialize(model, seed);
        return model;
    }

    /// <summary>Rows of different lengths (the first one full), random tokens at real places and 0 in the padding to their right.</summary>
    public static Batch Batch(int rows, int seed = 0, int length = Context, int vocabulary = Vocabulary)
    {
        var random = new SeededRandom((ulong)seed, RandomPurpose.DataOrder, 77);
        var batch = new Batch(rows, length);
        for (int row = 0; row < rows; row++)
        {
            int real = row == 0 ? length : 1 + random.Below((ulong)(1_000_000 + row), length);
            for (int t = 0; t < real; t++)
            {
                int at = (row * length) + t;
                batch.Inputs[at] = random.Below((ulong)(2 * at), vocabulary);
                batch.Targets[at] = random.Below((ulong)(2 * at) + 1, vocabulary);
                batch.KeyMask[at] = true;
                batch.LossMask[at] = t % 5 != 3;
            }
        }

        return batch;
    }

    /// <summary>Every weight, in the order of memory.</summary>
    public static float[] Weights(Gpt model) =>
        [.. model.Parameters.Parameters.SelectMany(parameter => model.Parameters.Data(parameter).ToArray())];

    /// <summary>Every number of a buffer, in the order of memory.</summary>
    public static float[] Numbers(ParameterBuffer buffer) =>
        [.. buffer.Layout.Parameters.SelectMany(parameter => buffer.Data(parameter).ToArray())];

    /// <summary>Bits, so that NaN equals itself and −0 differs from 0.</summary>
    public static int[] Bits(IEnumerable<float> values) => [.. values.Select(BitConverter.SingleToInt32Bits)];

    /// <summary>Trains through and gives back what was heard.</summary>
    public static RecordingListener Run(
        Gpt model, IBatchSource data, int steps, ulong seed = 42, int batchSize = 4,
        Habla.Tensors.Threading.WorkerPool? pool = null)
    {
        using Trainer trainer = Trainer(model, data, steps, seed, batchSize, pool);
        var heard = new RecordingListener();
        trainer.Listeners.Add(heard);
        trainer.Run();
        return heard;
    }

    public static Trainer Trainer(
        Gpt model, IBatchSource data, int steps, ulong seed = 42, int batchSize = 4,
        Habla.Tensors.Threading.WorkerPool? pool = null) =>
        new(
            model, data, new TrainingOptions { BatchSize = batchSize, Seed = seed },
            new OptimizerOptions { MaximumLearningRate = 0.01, MinimumLearningRate = 0.001 },
            new SchedulerOptions { WarmupSteps = 2, TotalSteps = steps }, pool);
}
