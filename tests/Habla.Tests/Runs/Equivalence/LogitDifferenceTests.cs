using Habla.Data;
using Habla.Evaluation;
using Habla.Generation;
using Habla.Modeling;
using Habla.Runs.Equivalence;
using Habla.Tensors;
using Habla.Tensors.Threading;
using Habla.Tests.Training;

namespace Habla.Tests.Runs.Equivalence;

public class LogitDifferenceTests
{
    private static readonly int[] s_ids =
        [.. Enumerable.Range(0, TrainingSamples.Context + 1).Select(i => i * 5 % TrainingSamples.Vocabulary)];

    [Fact]
    public void A_model_is_itself_and_its_perplexity_is_that_of_evaluation()
    {
        using Gpt model = TrainingSamples.Model();
        LogitDifference same = Between(model, model);
        using var evaluator = new Evaluator(model);
        var data = new WindowDataset(s_ids, TrainingSamples.Context);

        Assert.Equal((0, 0, 0), (same.LargestLogitDifference, same.ChangedLogits, same.ChangedPredictions));
        Assert.Equal(TrainingSamples.Context * TrainingSamples.Vocabulary, same.Logits);
        Assert.Equal(0, same.PerplexityDifference);
        Assert.Equal(evaluator.Evaluate(data.EvaluationBatches()).Perplexity, same.Perplexity, 1e-4);
    }

    [Fact]
    public void Of_two_models_the_largest_difference_of_a_whole_pass_is_found()
    {
        using Gpt model = TrainingSamples.Model(seed: 1), other = TrainingSamples.Model(seed: 2);
        LogitDifference found = Between(model, other);
        float[] first = Logits(model), second = Logits(other);

        Assert.Equal(first.Zip(second).Max(pair => Math.Abs((double)pair.First - pair.Second)), found.LargestLogitDifference);
        Assert.Equal(first.Max(Math.Abs), found.LargestLogit);
        Assert.Equal(first.Zip(second).Count(pair => pair.First != pair.Second), found.ChangedLogits);
        Assert.InRange(found.ChangedPredictions, 1, TrainingSamples.Context);
        Assert.Equal(Between(other, model).PerplexityDifference, -found.PerplexityDifference);
    }

    [Fact]
    public void What_is_no_number_differs_without_bound()
    {
        using Gpt model = TrainingSamples.Model(), broken = TrainingSamples.Model();
        broken.Parameters.Data(broken.Parameters["final_norm.bias"])[0] = float.NaN;

        Assert.Equal(double.PositiveInfinity, Between(model, broken).LargestLogitDifference);
        Assert.Equal(0, Between(broken, broken).ChangedLogits);
    }

    [Fact]
    public void Text_past_the_context_and_several_sequences_are_read()
    {
        using Gpt model = TrainingSamples.Model();
        int[] longer = [.. s_ids, .. s_ids, .. s_ids];
        LogitDifference found = LogitDifference.Between(
            (model, new InferenceOptions()), (model, new InferenceOptions { UseCache = false }), [longer, s_ids[..3]], WorkerPool.Serial);

        Assert.Equal((longer.Length + 1) * TrainingSamples.Vocabulary, found.Logits);
        Assert.Equal(0, found.ChangedLogits);
    }

    private static LogitDifference Between(Gpt first, Gpt second) =>
        LogitDifference.Between((first, new InferenceOptions()), (second, new InferenceOptions()), [s_ids], WorkerPool.Serial);

    private static float[] Logits(Gpt model)
    {
        using var tape = new Tape(model.Parameters, TapeMode.Inference);
        return model.Forward(tape, s_ids.AsSpan(0, TrainingSamples.Context), 1).Data.ToArray();
    }
}
