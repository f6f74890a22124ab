using Habla.Data;
using Habla.Evaluation;
using Habla.Modeling;
using Habla.Tensors.Ops;
using Habla.Tensors.Threading;

namespace Habla.Training;

/// <summary>
/// The training loop. Everything that watches a run (console, log, plots, checkpoints) is an <see cref="ITrainingListener"/>;
/// the loop itself knows only data, model and optimizer.
/// </summary>
public sealed class Trainer : IDisposable
{
    private readonly Gpt _model;
    private readonly IBatchSource _data;
    private readonly TrainingOptions _training;
    private readonly OptimizerOptions _optimization;
    private readonly LearningRateSchedule _schedule;
    private readonly BatchGradient _gradient;
    private readonly WorkerPool _pool;
    private readonly TimeProvider _time;

    /// <summary>Puts a run together; nothing is computed yet.</summary>
    /// <param name="model">The model, initialized or loaded.</param>
    /// <param name="data">Where the batches come from.</param>
    /// <param name="training">Batch, seeds and how often to validate.</param>
    /// <param name="optimization">AdamW and clipping.</param>
    /// <param name="scheduler">The learning rate's curve and the length of the run.</param>
    /// <param name="pool">The threads; null (the default) for the calling thread alone.</param>
    /// <param name="time">The clock that measures tokens per second; null (the default) for the system's.</param>
    /// <exception cref="InvalidInputException">An option is impossible, or neither steps nor epochs say how long the run is.</exception>
    public Trainer(
        Gpt model, IBatchSource data, TrainingOptions training, OptimizerOptions optimization, SchedulerOptions scheduler,
        WorkerPool? pool = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(optimization);
        ArgumentNullException.ThrowIfNull(scheduler);
        training.Validate();
        optimization.Validate();
        scheduler.Validate();
        _data = AccumulatedBatches.Of(data, training.Accumulation);
        (_model, _training, _optimization) = (model, training, optimization);
        (_pool, _time) = (pool ?? WorkerPool.Serial, time ?? TimeProvider.System);
        TotalSteps = scheduler.StepsFor(training.Epochs, _data.BatchesPerEpoch);
        _schedule = new LearningRateSchedule(scheduler, optimization, TotalSteps);
        _gradient = new BatchGradient(
            model, training.MicroBatchCount, training.Seed, _pool, training.LabelSmoothing, training.ActivationFormat);
        LossScaling = training.Precision == Precision.Fp16 ? new LossScaling() : null;
        Optimizer = new AdamW(model.Parameters, optimization);
        EarlyStopping = new EarlyStopping(training.EarlyStoppingPatience, training.EarlyStoppingMinimumDelta);
    }

    /// <summary>How many updates the whole run makes.</summary>
    public int TotalSteps { get; }

    /// <summary>Updates made so far; set it when a run goes on from a checkpoint.</summary>
    public int StepsDone { get; set; }

    /// <summary>Whether all steps are done, or early stopping has ended the run.</summary>
    public bool IsDone => StepsDone >= TotalSteps || EarlyStopping.HasStopped;

    /// <summary>Ends the run when validation no longer gets better; off by default.</summary>
    public EarlyStopping EarlyStopping { get; }

    /// <summary>Where the data stands: what the next step reads.</summary>
    public DataPosition DataPosition => _data.Position;

    /// <summary>The optimizer, with its moments.</summary>
    public AdamW Optimizer { get; }

    /// <summary>The loss scale of fp16; null in other precisions.</summary>
    public LossScaling? LossScaling { get; }

    /// <summary>Who hears of each step, in the order in which they hear.</summary>
    public IList<ITrainingListener> Listeners { get; } = [];

    /// <summary>
    /// Evaluates the model on the validation data, without dropout and label smoothing; null (the default) for no validation.
    /// </summary>
    public Func<EvaluationResult>? Validate { get; set; }

    /// <summary>
    /// Trains until all steps are done, early stopping ends the run, or a stop is asked for; a step that has begun is always finished.
    /// </summary>
    /// <param name="stop">Asks the run to stop after the current step.</param>
    /// <exception cref="TrainingDivergedException">The loss or a gradient is not finite; the weights are those before the step.</exception>
    public void Run(CancellationToken stop = default)
    {
        while (!IsDone && !stop.IsCancellationRequested)
        {
            Step();
        }
    }

    /// <summary>One step: batch, forward, loss, backward, clip, learning rate, update, event.</summary>
    public void Step()
    {
        long start = _time.GetTimestamp();
        DataPosition position = _data.Position;
        Batch batch = _data.Next();
        double scale = LossScaling?.Scale ?? 1;
        double loss = _gradient.Compute(batch, StepsDone, scale);
        double norm = GradientNorm.Of(_gradient.Gradients, _pool);
        double learningRate = _schedule.At(StepsDone);
        bool skips = SkipsUpdate(loss, norm);
        if (!skips)
        {
            StopUnlessFinite(loss, norm, batch, position);
            double clipping = GradientClipping.Factor(norm, _optimization.ClipNorm);
            Optimizer.Update(_gradient.Gradients, learningRate, clipping, _pool);
        }

        StepsDone++;
        Check(loss, norm, skips);
        Publish(position.Epoch, loss, learningRate, norm, scale, batch.TargetCount, _time.GetElapsedTime(start));
    }

    /// <summary>Whether passes of the last batch ran at the same time, each on one thread.</summary>
    internal bool RunsSideBySide => _gradient.RanSideBySide;

    /// <summary>Whether large gradients were told of; a resumed run takes that back.</summary>
    internal GradientNormCheck NormCheck { get; } = new();

    /// <summary>The part of a step that a profile looks into.</summary>
    internal BatchGradient Gradient => _gradient;

    /// <inheritdoc/>
    public void Dispose()
    {
        _gradient.Dispose();
        Optimizer.Dispose();
    }

    /// <summary>Whether gradients overflowed that a smaller loss scale may keep finite; the schedule and the data go on.</summary>
    private bool SkipsUpdate(double loss, double norm) =>
        LossScaling is not null && LossScaling.Skips(double.IsFinite(loss) && double.IsFinite(norm));

    private void StopUnlessFinite(double loss, double norm, Batch batch, DataPosition position)
    {
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
        {
            _data.Position = position; // the step did not happen
            throw _gradient.FindNonFinite(batch, StepsDone);
        }
    }

    /// <summary>Tells what looks wrong. A skipped step has no gradient to speak of, so the next one's is the first.</summary>
    private void Check(double loss, double norm, bool skipped)
    {
        string?[] warnings =
        [
            StepsDone == 1 ? StartCheck.LossWarning(_model.Config.VocabularySize, loss) : null,
            skipped ? null
                : Optimizer.UpdateCount == 1 ? StartCheck.NormWarning(norm)
                : NormCheck.WarningFor(StepsDone, norm, _optimization.ClipNorm),
        ];
        foreach (string warning in warnings.OfType<string>())
        {
            Tell(listener => listener.OnWarning(warning));
        }
    }

    private void Publish(int epoch, double loss, double learningRate, double norm, double scale, int tokens, TimeSpan elapsed)
    {
        bool validates = Validate is not null && (StepsDone % _training.ValidateEvery == 0 || StepsDone == TotalSteps);
        EvaluationResult? validation = validates ? Validate!() : null;
        if (validation is not null)
        {
            EarlyStopping.Observe(validation.Loss);
        }

        double tokensPerSecond = tokens / Math.Max(elapsed.TotalSeconds, 1e-9);
        var step = new StepCompleted(
            StepsDone, epoch, loss, learningRate, norm, tokens, tokensPerSecond, validation?.Loss, validation?.Accuracy)
        {
            LossScale = LossScaling is null ? null : scale, SkippedSteps = LossScaling?.SkippedSteps,
        };
        Tell(listener => listener.OnStep(step));
    }

    private void Tell(Action<ITrainingListener> message)
    {
        foreach (ITrainingListener listener in Listeners)
        {
            message(listener);
        }
    }
}
