using Habla.Tensors;

namespace Habla.Training;

/// <summary>
/// The learning rate of each step: a linear warm-up, lr_max·(step + 1)/warmup, then constant, a straight line, or half a cosine
/// from lr_max down to lr_min, the last also in cycles that begin again at lr_max.
/// </summary>
/// <remarks>Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.</remarks>
public sealed class LearningRateSchedule
{
    private readonly ScheduleKind _kind;
    private readonly double _maximum, _minimum;
    private readonly int _warmup, _total, _cycle, _multiplier;

    /// <summary>Creates the schedule of a run.</summary>
    /// <param name="scheduler">The shape of the curve and the length of the warm-up.</param>
    /// <param name="optimizer">The largest and the smallest rate.</param>
    /// <param name="totalSteps">Updates in the run; at least 1.</param>
    public LearningRateSchedule(SchedulerOptions scheduler, OptimizerOptions optimizer, int totalSteps)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(totalSteps);
        (_kind, _warmup, _total) = (scheduler.Type, scheduler.WarmupSteps, totalSteps);
        (_cycle, _multiplier) = (scheduler.RestartSteps ?? totalSteps, scheduler.RestartMultiplier);
        (_maximum, _minimum) = (optimizer.MaximumLearningRate, optimizer.MinimumLearningRate);
    }

    /// <summary>The rate of one step.</summary>
    /// <param name="step">From 0.</param>
    public double At(int step)
    {
        if (step < _warmup)
        {
            return _maximum * (step + 1) / _warmup;
        }

        double progress = _kind == ScheduleKind.Restarts
            ? ProgressInCycle(step - _warmup)
            : Math.Min(1.0, (double)(step - _warmup) / Math.Max(1, _total - _warmup));
        double share = _kind switch
        {
            ScheduleKind.Constant => 1,
            ScheduleKind.Linear => 1 - progress,
            _ => 0.5 * (1 + PortableMath.Cos(Math.PI * progress)),
        };
        return _minimum + ((_maximum - _minimum) * share);
    }

    /// <summary>The share of its cycle that a step stands at: 0 at the first, and (n − 1)/n at the last of n, before the restart.</summary>
    private double ProgressInCycle(long step)
    {
        long length = _cycle;
        if (_multiplier == 1)
        {
            return (double)(step % length) / length;
        }

        while (step >= length)
        {
            step -= length;
            length *= _multiplier;
        }

        return (double)step / length;
    }
}
