using System.Collections.Concurrent;
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
/// How the work is arranged follows from sizes and threads, and changes no bit. A <see cref="BatchPlan"/> says how many neighbouring
/// micro-batches go through the model in one pass, and whether passes run side by side, each on a thread of its own (one hand-over a
/// step: best for small models), or one after another with the threads sharing each operation (best when a copy of the
/// gradients per pass would not stay in the cache, let alone in memory).
/// </remarks>
public sealed class BatchGradient : IDisposable
{
    private readonly Gpt _model;
    private readonly ulong _seed;
    private readonly WorkerPool _pool;
    private readonly BatchPlan? _fixedPlan;
    private readonly ActivationFormat _format;
    private readonly RoundedWeights? _rounded;
    private readonly PackedWeights _weights;
    private readonly double[] _losses;
    private readonly List<Tape> _tapes = [];
    private readonly ConcurrentStack<Tape> _idleTapes = [];
    private readonly List<ParameterBuffer> _buffers = [];
    private readonly Stack<ParameterBuffer> _free = [];
    private float _lossScale = 1;
    private bool _timesOperations;

    /// <summary>Prepares for batches of one model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="microBatches">Into how many slices a batch is cut; part of the recipe, not of the machine.</param>
    /// <param name="seed">The training seed: dropout's random numbers follow from it.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="format">How activations are stored; default float32.</param>
    public BatchGradient(
        Gpt model, int microBatches, ulong seed, WorkerPool pool, ActivationFormat format = ActivationFormat.Float32)
        : this(model, microBatches, seed, pool, plan: null, format)
    {
    }

    /// <summary>Lets a test choose the plan, which otherwise follows from the sizes.</summary>
    internal BatchGradient(
        Gpt model, int microBatches, ulong seed, WorkerPool pool, BatchPlan? plan, ActivationFormat format = ActivationFormat.Float32)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(microBatches);
        (_model, _seed, _pool, _fixedPlan) = (model, seed, pool, plan);
        _format = format;
        _rounded = format == ActivationFormat.Float32 ? null : new RoundedWeights(model.Parameters, format);
        _weights = new PackedWeights(model.Parameters, _rounded);
        _losses = new double[microBatches];
    }

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
    /// <param name="lossScale">What every gradient is multiplied by, see <see cref="LossScaling"/>; default 1.</param>
    /// <returns>The mean loss per target, in nats.</returns>
    public double Compute(Batch batch, int step, double lossScale = 1)
    {
        ArgumentNullException.ThrowIfNull(batch);
        _lossScale = (float)lossScale;
        _rounded?.Refresh(_pool);
        BatchPlan plan = PlanFor(batch);
        var work = new Passes { Owner = this, Batch = batch, Step = step, TargetCount = Math.Max(1, batch.TargetCount), Plan = plan };
        RanSideBySide = plan.SideBySide;
        if (plan.SideBySide)
        {
            ComputeSideBySide(work);
        }
        else
        {
            ComputeInTurn(work);
        }

        double loss = 0;
        foreach (double part in _losses)
        {
            loss += part;
        }

        return loss;
    }

    /// <summary>How a batch's micro-batches are dealt out.</summary>
    internal BatchPlan PlanFor(Batch batch) => (_fixedPlan ?? BatchPlan.For(
        _model.Parameters.Count, MicroBatchCount, batch.BatchSize * batch.SequenceLength, _pool.ThreadCount))
        .Fitting(batch.BatchSize, MicroBatchCount);

    /// <summary>Whether the passes of the last batch ran at the same time.</summary>
    internal bool RanSideBySide { get; private set; }

    /// <summary>From now on, measures how long each kind of operation takes.</summary>
    internal void TimeOperations() => _timesOperations = true;

    /// <summary>What was measured so far, a measurement for each tape.</summary>
    internal IEnumerable<OperationTimes> Times => _tapes.Select(tape => tape.Times).OfType<OperationTimes>();

    /// <summary>Bytes of activations, their gradients and windows that all tapes together hold memory for.</summary>
    internal long ActivationBytes => _tapes.Sum(tape => tape.ActivationBytes);

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

        using var tape = new Tape(_model.Parameters, TapeMode.Training, _pool, _format) { LossScale = _lossScale };
        for (int i = 0; i < MicroBatchCount; i++)
        {
            if (RowsOf(batch, i).Count == 0)
            {
                continue;
            }

            Tensor loss = Forward(tape, batch, i, 1, step, Math.Max(1, batch.TargetCount));
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

        _weights.Dispose();
        _rounded?.Dispose();
        foreach (ParameterBuffer buffer in _buffers.Concat(_free))
        {
            buffer.Dispose();
        }
    }

    private void ComputeSideBySide(in Passes work)
    {
        int passes = work.Plan.Passes(MicroBatchCount);
        while (_buffers.Count < passes)
        {
            _buffers.Add(TakeBuffer());
        }

        while (_buffers.Count > passes)
        {
            ReturnLastBuffer();
        }

        _weights.Refresh(_pool);
        _pool.For(passes, work);
        GradientSum.IntoFirst(_buffers, _pool);
    }

    /// <summary>Adds neighbours as soon as both are there, so that only log₂(passes) + 1 gradient copies are needed.</summary>
    private void ComputeInTurn(in Passes work)
    {
        while (_buffers.Count > 0)
        {
            ReturnLastBuffer();
        }

        int passes = work.Plan.Passes(MicroBatchCount);
        for (int i = 0; i < passes; i++)
        {
            _buffers.Add(TakeBuffer());
            work.Run(i, _buffers[^1]);
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
        ReturnLastBuffer();
    }

    private ParameterBuffer TakeBuffer() => _free.Count > 0 ? _free.Pop() : _model.Parameters.CreateBuffer();

    private void ReturnLastBuffer()
    {
        _free.Push(_buffers[^1]);
        _buffers.RemoveAt(_buffers.Count - 1);
    }

    /// <summary>A tape that no pass is using; there are as many as ever ran at the same time.</summary>
    private Tape TakeTape()
    {
        if (!_idleTapes.TryPop(out Tape? tape))
        {
            tape = new Tape(_model.Parameters, TapeMode.Training, _pool, _format) { RoundedWeights = _rounded };
            lock (_tapes)
            {
                _tapes.Add(tape);
            }
        }

        if (_timesOperations)
        {
            tape.Times ??= new OperationTimes();
        }

        return tape;
    }

    private (int First, int Count) RowsOf(Batch batch, int microBatch, int microBatches = 1)
    {
        int first = batch.BatchSize * microBatch / MicroBatchCount;
        return (first, (batch.BatchSize * (microBatch + microBatches) / MicroBatchCount) - first);
    }

    private Tensor Forward(Tape tape, Batch batch, int microBatch, int microBatches, int step, int targetCount)
    {
        tape.Times?.Start();
        tape.MicroBatches = microBatches;
        (int first, int rows) = RowsOf(batch, microBatch, microBatches);
        int from = first * batch.SequenceLength, count = rows * batch.SequenceLength;
        tape.Dropout = _model.Config.Dropout > 0 ? new DropoutSource(_seed, (uint)step, first) : null;
        Tensor logits = _model.Forward(
            tape, batch.Inputs.AsSpan(from, count), rows, UnlessAllTrue(batch.KeyMask.AsSpan(from, count)));
        return CrossEntropy.Apply(
            tape, logits, batch.Targets.AsSpan(from, count), UnlessAllTrue(batch.LossMask.AsSpan(from, count)), targetCount);
    }

    /// <summary>A mask that masks nothing is left out: operations do less without one.</summary>
    private static ReadOnlySpan<bool> UnlessAllTrue(ReadOnlySpan<bool> mask) => mask.Contains(false) ? mask : default;

    /// <summary>The passes of one batch.</summary>
    private struct Passes : IParallelWork
    {
        public BatchGradient Owner;
        public Batch Batch;
        public BatchPlan Plan;
        public int Step, TargetCount;

        public readonly void Run(int piece) => Run(piece, Owner._buffers[piece]);

        /// <summary>Forward, loss and backward of one pass.</summary>
        public readonly void Run(int pass, ParameterBuffer gradients)
        {
            int first = pass * Plan.MicroBatchesPerPass;
            int microBatches = Math.Min(Plan.MicroBatchesPerPass, Owner.MicroBatchCount - first);
            if (Owner.RowsOf(Batch, first, microBatches).Count == 0)
            {
                gradients.Clear();
                Owner._losses.AsSpan(first, microBatches).Clear();
                return;
            }

            Tape tape = Owner.TakeTape();
            try
            {
                tape.Gradients = gradients;
                tape.LossScale = Owner._lossScale;
                tape.PackedWeights = Plan.SideBySide ? Owner._weights : null;
                Tensor loss = Owner.Forward(tape, Batch, first, microBatches, Step, TargetCount);
                for (int i = 0; i < microBatches; i++)
                {
                    Owner._losses[first + i] = loss.Data[i];
                }

                tape.Backward(loss);
            }
            finally
            {
                tape.Reset();
                Owner._idleTapes.Push(tape);
            }
        }
    }
}
