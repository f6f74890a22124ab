using System.Collections.Concurrent;
using System.Numerics;
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
    private readonly ParameterSet _parameters;
    private readonly LossPass _pass;
    private readonly WorkerPool _pool;
    private readonly BatchPlan? _fixedPlan;
    private readonly ActivationFormat _format;
    private readonly RoundedWeights? _rounded;
    private readonly PackedWeights _weights;
    private readonly GradientPile _gradients;
    private readonly List<Tape> _tapes = [];
    private readonly ConcurrentStack<Tape> _idleTapes = [];
    private double[] _losses;
    private float _lossScale = 1;
    private bool _timesOperations;

    /// <summary>Prepares for batches of one model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="microBatches">Into how many slices a batch is cut; part of the recipe, not of the machine.</param>
    /// <param name="seed">The training seed: dropout's random numbers follow from it.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="labelSmoothing">The share of each target that is spread over the vocabulary. Default 0; at least 0, below 1.</param>
    /// <param name="format">How activations are stored; default float32.</param>
    public BatchGradient(
        Gpt model, int microBatches, ulong seed, WorkerPool pool, double labelSmoothing = 0,
        ActivationFormat format = ActivationFormat.Float32)
        : this(model, microBatches, seed, pool, plan: null, labelSmoothing, format)
    {
    }

    /// <summary>Lets a test choose the plan, which otherwise follows from the sizes.</summary>
    internal BatchGradient(
        Gpt model, int microBatches, ulong seed, WorkerPool pool, BatchPlan? plan, double labelSmoothing = 0,
        ActivationFormat format = ActivationFormat.Float32)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(microBatches);
        (_parameters, _pool, _fixedPlan, _format) = (model.Parameters, pool, plan, format);
        _pass = new LossPass(model, microBatches, seed, labelSmoothing);
        _gradients = new GradientPile(model.Parameters, pool);
        _rounded = format == ActivationFormat.Float32 ? null : new RoundedWeights(model.Parameters, format);
        _weights = new PackedWeights(model.Parameters, _rounded);
        MicroBatchCount = microBatches;
        _losses = new double[microBatches];
    }

    /// <summary>How many micro-batches a batch of the data is cut into; a step of several batches has as many for each.</summary>
    public int MicroBatchCount { get; }

    /// <summary>The gradient of the last batch.</summary>
    /// <exception cref="InvalidOperationException">No batch was computed yet.</exception>
    public ParameterBuffer Gradients => _gradients.Height > 0
        ? _gradients[0]
        : throw new InvalidOperationException("there is no gradient before the first batch");

    /// <summary>Computes the loss and its gradient.</summary>
    /// <param name="batch">The batch; micro-batches are equally large, give or take a row when it cannot be cut evenly.</param>
    /// <param name="step">The training step, from 0: dropout's masks follow from it.</param>
    /// <param name="lossScale">
    /// What gradients are multiplied by on the way, a power of two, see <see cref="LossScaling"/>; default 1.
    /// </param>
    /// <returns>The mean loss per target, in nats.</returns>
    public double Compute(Batch batch, int step, double lossScale = 1)
    {
        ArgumentNullException.ThrowIfNull(batch);
        _lossScale = (float)lossScale;
        _rounded?.Refresh(_pool);
        BatchPlan plan = PlanFor(batch);
        int microBatches = _pass.MicroBatchesOf(batch);
        if (_losses.Length < microBatches)
        {
            _losses = new double[microBatches];
        }

        RanSideBySide = plan.SideBySide;
        ComputeInGroups(new Passes
        {
            Owner = this, Batch = batch, Step = step, Plan = plan, MicroBatches = microBatches,
        });
        if (_lossScale != 1)
        {
            GradientScaling.Apply(Gradients, 1 / _lossScale, _pool);
        }

        double loss = 0;
        foreach (double part in _losses.AsSpan(0, microBatches))
        {
            loss += part;
        }

        return loss;
    }

    /// <summary>How a batch's micro-batches are dealt out; one that was joined of several goes by the plan of each of them.</summary>
    internal BatchPlan PlanFor(Batch batch) => (_fixedPlan ?? BatchPlan.For(
        _parameters.Count, MicroBatchCount, batch.BatchSize * batch.SequenceLength / batch.JoinedBatches, _pool.ThreadCount))
        .Fitting(batch.BatchSize, _pass.MicroBatchesOf(batch));

    /// <summary>Whether the passes of the last batch ran at the same time.</summary>
    internal bool RanSideBySide { get; private set; }

    /// <summary>How many gradient buffers there are.</summary>
    internal int GradientCopies => _gradients.Copies;

    /// <summary>From now on, measures how long each kind of operation takes.</summary>
    internal void TimeOperations() => _timesOperations = true;

    /// <summary>What was measured so far, a measurement for each tape.</summary>
    internal IEnumerable<OperationTimes> Times => _tapes.Select(tape => tape.Times).OfType<OperationTimes>();

    /// <summary>
    /// Bytes of activations and of gradients that the batches so far have needed; the rounded weights of a 16-bit precision count with
    /// the latter.
    /// </summary>
    internal (long Activations, long Gradients) MemoryBytes => (
        _tapes.Sum(tape => tape.ActivationBytes),
        (_gradients.Copies + (_rounded is null ? 0 : 1)) * (long)_parameters.Count * sizeof(float));

    /// <summary>Finds the first tensor that is not finite in the forward pass of a batch, or the gradient that is not.</summary>
    /// <param name="batch">The batch that gave a loss or gradient that is not finite.</param>
    /// <param name="step">Its step, from 0.</param>
    /// <returns>What to stop the run with.</returns>
    public TrainingDivergedException FindNonFinite(Batch batch, int step)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var tape = new Tape(_parameters, TapeMode.Training, _pool, _format)
        {
            ChecksEachOperation = true, LossScale = _lossScale,
        };
        return NonFiniteSearch.Find(_parameters, tape, _pass, batch, step);
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
        _gradients.Dispose();
    }

    /// <summary>
    /// Passes go in groups: all of a batch side by side, or one at a time. Sums of neighbouring groups are added as soon as both are
    /// there, so only log₂(groups) gradient copies wait, and a step of many batches needs hardly more memory than a step of one.
    /// </summary>
    private void ComputeInGroups(in Passes work)
    {
        _gradients.Clear();
        int passes = work.Plan.Passes(work.MicroBatches), size = 1;
        if (work.Plan.SideBySide)
        {
            // A group is a branch of the tree, so its size is a power of two, unless it is the whole tree.
            int together = work.Plan.Passes(MicroBatchCount);
            size = passes <= together ? passes : 1 << BitOperations.Log2((uint)together);
            _weights.Refresh(_pool);
        }

        for (int first = 0, group = 1; first < passes; first += size, group++)
        {
            ComputeGroup(work with { FirstPass = first, FirstBuffer = _gradients.Height }, Math.Min(size, passes - first));
            for (int done = group; done % 2 == 0; done /= 2)
            {
                _gradients.AddTop(2);
            }
        }

        while (_gradients.Height > 1)
        {
            _gradients.AddTop(2);
        }
    }

    private void ComputeGroup(in Passes work, int count)
    {
        _gradients.Push(count);
        if (work.Plan.SideBySide)
        {
            _pool.For(count, work);
        }
        else
        {
            work.Run(0);
        }

        _gradients.AddTop(count);
    }

    /// <summary>A tape that no pass is using; there are as many as ever ran at the same time.</summary>
    private Tape TakeTape()
    {
        if (!_idleTapes.TryPop(out Tape? tape))
        {
            tape = new Tape(_parameters, TapeMode.Training, _pool, _format) { RoundedWeights = _rounded };
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

    /// <summary>The passes of one batch.</summary>
    private struct Passes : IParallelWork
    {
        public BatchGradient Owner;
        public Batch Batch;
        public BatchPlan Plan;
        public int Step, MicroBatches, FirstPass, FirstBuffer;

        /// <summary>Forward, loss and backward of one pass of a group.</summary>
        public readonly void Run(int piece)
        {
            ParameterBuffer gradients = Owner._gradients[FirstBuffer + piece];
            int first = (FirstPass + piece) * Plan.MicroBatchesPerPass;
            int microBatches = Math.Min(Plan.MicroBatchesPerPass, MicroBatches - first);
            if (Owner._pass.RowsOf(Batch, first, microBatches).Count == 0)
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
                Tensor loss = Owner._pass.Forward(tape, Batch, first, microBatches, Step);
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
