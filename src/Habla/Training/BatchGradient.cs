using Habla.Data;
using Habla.Modeling;
using Habla.Tensors;
using Habla.Tensors.Measuring;
using Habla.Tensors.Ops;
using Habla.Tensors.Threading;

namespace Habla.Training;

/// <summary>
/// Forward, loss and backward of a step's batch. The batch is cut into a fixed number of micro-batches whose gradients are added
/// in a fixed tree; each is divided by the step's number of targets, so the sum is the gradient of the token mean over the
/// whole batch.
/// </summary>
/// <remarks>
/// Two ways to use several threads, with the same bits: whole micro-batches side by side (one hand-over a step: best for small
/// models), or one micro-batch after another with the threads sharing each operation (best when a copy of the gradients per
/// micro-batch would not stay in the cache, let alone in memory).
/// </remarks>
public sealed class BatchGradient : IDisposable
{
    // Gradient copies beyond this many floats in all (64 MB) are not worth having side by side.
    private const long SideBySideLimit = 16 << 20;

    private readonly Gpt _model;
    private readonly ulong _seed;
    private readonly WorkerPool _pool;
    private readonly Tape[] _tapes;
    private readonly double[] _losses;
    private readonly List<ParameterBuffer> _buffers = [];
    private readonly Stack<ParameterBuffer> _free = [];

    /// <summary>Prepares for batches of one model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="microBatches">Into how many slices a batch is cut; part of the recipe, not of the machine.</param>
    /// <param name="seed">The training seed: dropout's random numbers follow from it.</param>
    /// <param name="pool">The threads.</param>
    public BatchGradient(Gpt model, int microBatches, ulong seed, WorkerPool pool)
        : this(model, microBatches, seed, pool, sideBySide: null)
    {
    }

    /// <summary>Lets a test choose the way, which otherwise follows from the sizes.</summary>
    internal BatchGradient(Gpt model, int microBatches, ulong seed, WorkerPool pool, bool? sideBySide)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(microBatches);
        (_model, _seed, _pool) = (model, seed, pool);
        SideBySide = sideBySide
            ?? (pool.ThreadCount > 1 && microBatches > 1 && model.Parameters.Count * microBatches <= SideBySideLimit);
        _tapes = [.. Enumerable.Range(0, SideBySide ? microBatches : 1)
            .Select(_ => new Tape(model.Parameters, TapeMode.Training, pool))];
        _losses = new double[microBatches];
    }

    /// <summary>Whether whole micro-batches run on several threads at once.</summary>
    public bool SideBySide { get; }

    /// <summary>How many micro-batches a batch is cut into.</summary>
    public int MicroBatchCount => _losses.Length;

    /// <summary>The gradient of the last batch.</summary>
    /// <exception cref="InvalidOperationException">No batch was computed yet.</exception>
    public ParameterBuffer Gradients => _buffers.Count > 0
        ? _buffers[0]
        : throw new InvalidOperationException("there is no gradient before the first batch");

    /// <summary>Computes the loss and its gradient.</summary>
    /// <param name="batch">The batch; micro-batches are equally large, give or take a row when it cannot be cut evenly.</param>
    /// <param name="step">The training step, from 0: dropout's masks follow from it.</param>
    /// <returns>The mean loss per target, in nats.</returns>
    public double Compute(Batch batch, int step)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (SideBySide)
        {
            ComputeSideBySide(batch, step);
        }
        else
        {
            ComputeInTurn(batch, step);
        }

        double loss = 0;
        foreach (double part in _losses)
        {
            loss += part;
        }

        return loss;
    }

    /// <summary>From now on, measures how long each kind of operation takes.</summary>
    /// <returns>The measurements of each tape, which go on with every batch.</returns>
    internal IReadOnlyList<OperationTimes> TimeOperations()
    {
        foreach (Tape tape in _tapes)
        {
            tape.Times = new OperationTimes();
        }

        return [.. _tapes.Select(tape => tape.Times!)];
    }

    /// <summary>Names the first tensor that is not finite in the forward pass of a batch, or the gradient that is not.</summary>
    /// <param name="batch">The batch that gave a loss or gradient that is not finite.</param>
    /// <param name="step">Its step.</param>
    public string FindNonFinite(Batch batch, int step)
    {
        foreach (Parameter parameter in _model.Parameters.Parameters)
        {
            if (_model.Parameters.Data(parameter).IndexOfAnyNonFinite() is >= 0 and int at)
            {
                return $"the parameter {parameter.Name} at element {at}";
            }
        }

        Tape tape = _tapes[0];
        using ParameterBuffer spare = _model.Parameters.CreateBuffer();
        for (int i = 0; i < MicroBatchCount; i++)
        {
            if (RowsOf(batch, i).Count == 0)
            {
                continue;
            }

            tape.Gradients = spare;
            Tensor loss = Forward(tape, batch, i, step);
            string? found = tape.FindNonFinite() ?? tape.BackwardFindingNonFinite(loss);
            tape.Reset();
            if (found is not null)
            {
                return $"{found}, in micro-batch {i + 1} of {MicroBatchCount}";
            }
        }

        return "the sum of the micro-batches' gradients, each of which is finite";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tape tape in _tapes)
        {
            tape.Dispose();
        }

        foreach (ParameterBuffer buffer in _buffers.Concat(_free))
        {
            buffer.Dispose();
        }
    }

    private void ComputeSideBySide(Batch batch, int step)
    {
        while (_buffers.Count < MicroBatchCount)
        {
            _buffers.Add(_model.Parameters.CreateBuffer());
        }

        _pool.For(MicroBatchCount, new SideBySideWork { Owner = this, Batch = batch, Step = step });
        GradientSum.IntoFirst(_buffers, _pool);
    }

    /// <summary>Adds neighbours as soon as both are there, so that only log₂(micro-batches) + 1 gradient copies are needed.</summary>
    private void ComputeInTurn(Batch batch, int step)
    {
        foreach (ParameterBuffer buffer in _buffers)
        {
            _free.Push(buffer);
        }

        _buffers.Clear();
        for (int i = 0; i < MicroBatchCount; i++)
        {
            ParameterBuffer gradients = _free.Count > 0 ? _free.Pop() : _model.Parameters.CreateBuffer();
            _losses[i] = Run(_tapes[0], batch, i, step, gradients);
            _buffers.Add(gradients);
            for (int done = i + 1; done % 2 == 0; done /= 2)
            {
                AddLastTwo();
            }
        }

        while (_buffers.Count > 1)
        {
            AddLastTwo();
        }
    }

    private void AddLastTwo()
    {
        GradientSum.IntoFirst([_buffers[^2], _buffers[^1]], _pool);
        _free.Push(_buffers[^1]);
        _buffers.RemoveAt(_buffers.Count - 1);
    }

    /// <summary>Forward, loss and backward of one micro-batch on one tape.</summary>
    private double Run(Tape tape, Batch batch, int microBatch, int step, ParameterBuffer gradients)
    {
        if (RowsOf(batch, microBatch).Count == 0)
        {
            gradients.Clear();
            return 0;
        }

        tape.Gradients = gradients;
        Tensor loss = Forward(tape, batch, microBatch, step);
        double value = loss.Data[0];
        tape.Backward(loss);
        tape.Reset();
        return value;
    }

    private (int First, int Count) RowsOf(Batch batch, int microBatch)
    {
        int first = batch.BatchSize * microBatch / MicroBatchCount;
        return (first, (batch.BatchSize * (microBatch + 1) / MicroBatchCount) - first);
    }

    private Tensor Forward(Tape tape, Batch batch, int microBatch, int step)
    {
        tape.Times?.Start();
        (int first, int rows) = RowsOf(batch, microBatch);
        int from = first * batch.SequenceLength, count = rows * batch.SequenceLength;
        tape.Dropout = _model.Config.Dropout > 0 ? new DropoutSource(_seed, (uint)step, first) : null;
        Tensor logits = _model.Forward(tape, batch.Inputs.AsSpan(from, count), rows, batch.KeyMask.AsSpan(from, count));
        return CrossEntropy.Apply(
            tape, logits, batch.Targets.AsSpan(from, count), batch.LossMask.AsSpan(from, count), Math.Max(1, batch.TargetCount));
    }

    private struct SideBySideWork : IParallelWork
    {
        public BatchGradient Owner;
        public Batch Batch;
        public int Step;

        public readonly void Run(int piece) =>
            Owner._losses[piece] = Owner.Run(Owner._tapes[piece], Batch, piece, Step, Owner._buffers[piece]);
    }
}
