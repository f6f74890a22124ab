using Habla.Data;
using Habla.Evaluation;
using Habla.Modeling;
using Habla.Tensors.Threading;
using Habla.Tests.Training;

namespace Habla.Tests.Evaluation;

public class EvaluatorTests
{
    private static readonly Batch[] s_batches = [.. Enumerable.Range(0, 7).Select(i => TrainingSamples.Batch(1 + (i % 4), seed: i))];

    [Theory]
    [InlineData(ModelFamily.Minigpt)]
    [InlineData(ModelFamily.Gpt2)]
    [InlineData(ModelFamily.Llama)]
    public void Loss_and_accuracy_are_those_of_the_reference(ModelFamily family)
    {
        // Dropout in the configuration must not reach evaluation.
        using Gpt model = TrainingSamples.Model(family, dropout: 0.5);
        using var evaluator = new Evaluator(model);
        EvaluationResult result = evaluator.Evaluate(s_batches);

        var reference = new ReferenceForward(model.Config, name => model.Parameters.Data(model.Parameters[name]));
        double loss = 0;
        long tokens = 0, right = 0;
        foreach (Batch batch in s_batches)
        {
            double[] logits = reference.Logits(batch.Inputs, batch.KeyMask, batch.BatchSize);
            loss += ReferenceForward.Loss(logits, batch.Targets, batch.LossMask) * batch.TargetCount;
            tokens += batch.TargetCount;
            for (int i = 0; i < batch.Targets.Length; i++)
            {
                double[] row = logits[(i * TrainingSamples.Vocabulary)..((i + 1) * TrainingSamples.Vocabulary)];
                right += batch.LossMask[i] && Array.IndexOf(row, row.Max()) == batch.Targets[i] ? 1 : 0;
            }
        }

        Assert.Equal(loss / tokens, result.Loss, 1e-5);
        Assert.Equal(tokens, result.TokenCount);
        Assert.Equal((double)right / tokens, result.Accuracy, 1e-12);
        Assert.InRange(result.Accuracy, 0.001, 0.5);
        Assert.Equal(Math.Exp(result.Loss), result.Perplexity);
    }

    [Theory]
    [InlineData(ModelFamily.Minigpt)]
    [InlineData(ModelFamily.Gpt2)]
    [InlineData(ModelFamily.Llama)]
    public void Documents_in_one_row_do_not_see_each_other(ModelFamily family)
    {
        using Gpt model = TrainingSamples.Model(family);
        Batch batch = TwoDocuments(TrainingSamples.Batch(3, seed: 1)), changed = TwoDocuments(TrainingSamples.Batch(3, seed: 1));
        for (int i = 0; i < changed.Inputs.Length; i++)
        {
            bool isFirstDocument = i % changed.SequenceLength < Boundary;
            changed.Inputs[i] = isFirstDocument ? (changed.Inputs[i] + 1) % TrainingSamples.Vocabulary : changed.Inputs[i];
            changed.LossMask[i] &= !isFirstDocument;
            batch.LossMask[i] &= !isFirstDocument;
        }

        using var evaluator = new Evaluator(model);
        EvaluationResult result = evaluator.Evaluate([batch]);
        Assert.Equal(result, evaluator.Evaluate([changed]));
        var reference = new ReferenceForward(model.Config, name => model.Parameters.Data(model.Parameters[name]));
        double[] logits = reference.Logits(batch.Inputs, batch.KeyMask, batch.BatchSize, batch.DocumentStarts);
        Assert.Equal(ReferenceForward.Loss(logits, batch.Targets, batch.LossMask), result.Loss, 1e-5);
        Assert.NotEqual(result.Loss, evaluator.Evaluate([TrainingSamples.Batch(3, seed: 1)]).Loss, 1e-5);
    }

    private const int Boundary = 3;

    /// <summary>The same batch with a second document beginning in each row.</summary>
    private static Batch TwoDocuments(Batch batch)
    {
        var separate = new Batch(batch.BatchSize, batch.SequenceLength, separatesDocuments: true);
        batch.Inputs.CopyTo(separate.Inputs, 0);
        batch.Targets.CopyTo(separate.Targets, 0);
        batch.LossMask.CopyTo(separate.LossMask, 0);
        batch.KeyMask.CopyTo(separate.KeyMask, 0);
        bool[] beginnings = [.. Enumerable.Range(0, batch.SequenceLength + 1).Select(position => position is 0 or Boundary)];
        for (int row = 0; row < batch.BatchSize; row++)
        {
            separate.SeparateRow(row, beginnings);
        }

        return separate;
    }

    [Fact]
    public void Threads_change_no_bit()
    {
        using Gpt model = TrainingSamples.Model();
        using var alone = new Evaluator(model);
        EvaluationResult expected = alone.Evaluate(s_batches);
        foreach (int threads in (int[])[1, 2, 3])
        {
            using var pool = new WorkerPool(threads);
            using var evaluator = new Evaluator(model, pool);
            Assert.Equal(expected, evaluator.Evaluate(s_batches));
            Assert.Equal(expected, evaluator.Evaluate(s_batches));
        }
    }

    [Fact]
    public void Evaluating_leaves_the_weights_alone()
    {
        using Gpt model = TrainingSamples.Model();
        float[] before = TrainingSamples.Weights(model);
        using var evaluator = new Evaluator(model);
        evaluator.Evaluate(s_batches);
        Assert.Equal(before, TrainingSamples.Weights(model));
    }

    [Fact]
    public void A_model_that_knows_nothing_is_as_uncertain_as_a_free_choice()
    {
        using var model = new Gpt(TrainingSamples.Config());
        using var evaluator = new Evaluator(model);
        Assert.Equal(TrainingSamples.Vocabulary, evaluator.Evaluate(s_batches).Perplexity, 1e-4);
    }

    [Fact]
    public void A_model_that_knows_the_answer_gets_everything_right()
    {
        using Gpt model = TrainingSamples.Model();
        Batch batch = TrainingSamples.Batch(1);
        TrainingSamples.Run(model, new SampleBatches(batch), steps: 150, batchSize: 1);
        using var evaluator = new Evaluator(model);
        EvaluationResult result = evaluator.Evaluate([batch]);
        Assert.Equal(1, result.Accuracy);
        Assert.InRange(result.Loss, 0, 0.1);
    }

    [Fact]
    public void Nothing_that_counts_is_nothing_to_evaluate()
    {
        using Gpt model = TrainingSamples.Model();
        using var evaluator = new Evaluator(model);
        Assert.Throws<InvalidInputException>(() => evaluator.Evaluate([]));
        Batch empty = TrainingSamples.Batch(2);
        empty.LossMask.AsSpan().Clear();
        Assert.Throws<InvalidInputException>(() => evaluator.Evaluate([empty]));
    }
}
