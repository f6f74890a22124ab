using System.Collections.Concurrent;
using Habla.Data;
using Habla.Modeling;
using Habla.Tensors;
using Habla.Tensors.Ops;
using Habla.Tensors.Threading;

namespace Habla.Evaluation;

/// <summary>
/// Mean loss per token and accuracy over whole data sets, without dropout. Batches run side by side; their sums are added in the
/// batches' order, so the result does not depend on the number of threads.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="pool">The threads; null (the default) for the calling thread alone.</param>
public sealed class Evaluator(Gpt model, WorkerPool? pool = null) : IDisposable
{
    private readonly WorkerPool _pool = pool ?? WorkerPool.Serial;
    private readonly ConcurrentBag<Tape> _tapes = [];

    /// <summary>Evaluates.</summary>
    /// <param name="batches">The batches; every target that their masks count is scored once.</param>
    /// <exception cref="InvalidInputException">No target counts.</exception>
    public EvaluationResult Evaluate(IEnumerable<Batch> batches)
    {
        double loss = 0;
        long tokens = 0, right = 0;
        foreach (ScoredBatch batch in Score(batches))
        {
            (loss, tokens, right) = (loss + batch.Loss, tokens + batch.Tokens, right + batch.Right);
        }

        return tokens > 0
            ? new EvaluationResult(loss / tokens, tokens, (double)right / tokens)
            : throw new InvalidInputException("there is nothing to evaluate: the data has no target that counts");
    }

    /// <summary>The loss of every target.</summary>
    /// <param name="batches">The batches; each is read when it is its turn.</param>
    /// <returns>The batches in their order, as far as they are asked for.</returns>
    public IEnumerable<ScoredBatch> Score(IEnumerable<Batch> batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        foreach (Batch[] group in batches.Chunk(4 * _pool.ThreadCount))
        {
            var scores = new ScoredBatch[group.Length];
            _pool.For(group.Length, new Work { Owner = this, Batches = group, Scores = scores });
            foreach (ScoredBatch score in scores)
            {
                yield return score;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_tapes.TryTake(out Tape? tape))
        {
            tape.Dispose();
        }
    }

    private ScoredBatch Score(Batch batch)
    {
        Tape tape = _tapes.TryTake(out Tape? free) ? free : new Tape(model.Parameters, TapeMode.Inference, _pool);
        Tensor logits = model.Forward(tape, batch.Inputs, batch.BatchSize, batch.Mask); // [B, T, V]
        float[] losses = new float[batch.Targets.Length];
        CrossEntropy.TokenLosses(logits, batch.Targets, batch.LossMask, losses, _pool);
        double loss = 0;
        long tokens = 0, right = 0;
        for (int i = 0; i < losses.Length; i++)
        {
            if (batch.LossMask[i])
            {
                ReadOnlySpan<float> row = logits.Data.Slice(i * logits.Shape.Columns, logits.Shape.Columns);
                loss += losses[i];
                tokens++;
                right += LogitRow.Likeliest(row) == batch.Targets[i] ? 1 : 0;
            }
        }

        tape.Reset();
        _tapes.Add(tape);
        return new ScoredBatch(batch, losses, loss, tokens, right);
    }

    private struct Work : IParallelWork
    {
        public Evaluator Owner;
        public Batch[] Batches;
        public ScoredBatch[] Scores;

        public readonly void Run(int piece) => Scores[piece] = Owner.Score(Batches[piece]);
    }
}
