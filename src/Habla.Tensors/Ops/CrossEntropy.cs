using Habla.Tensors.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Ops;

/// <summary>
/// Softmax cross-entropy of the targets that count: loss = Σ (ln Σⱼ e^zⱼ − z_target) / divisor, in nats.
/// Backward: dz = (softmax(z) − onehot(target)) · dloss / divisor, and 0 where a target does not count.
/// With label smoothing ε the wanted distribution is (1 − ε)·onehot + ε/V in place of onehot, in the loss and in the derivative.
/// The maximum is subtracted first, so logits such as [1000, 999, 0] do not overflow.
/// </summary>
/// <remarks>Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016 (label smoothing).</remarks>
public sealed unsafe class CrossEntropy : Operation
{
    private Tensor _logits = null!;
    private int[] _targets = [];
    private bool[] _mask = [];
    private float* _logSums;
    private double _divisor;
    private float _smoothing;

    /// <summary>The loss as one number.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="logits"><c>[…, V]</c>, N rows.</param>
    /// <param name="targets">N ids in [0, V).</param>
    /// <param name="mask">N flags: which targets count; empty means all.</param>
    /// <param name="divisor">
    /// What the sum is divided by: the number of targets that count in the whole step, so that the losses of its micro-batches
    /// add up to the mean over the step. 0 (default): the number that count here.
    /// </param>
    /// <param name="smoothing">ε, the share of each target that is spread evenly over all V: at least 0 (default, none), below 1.</param>
    /// <returns><c>[1]</c>, or the loss of each of the tape's micro-batches, whose sum is the loss.</returns>
    /// <exception cref="ShapeException">
    /// There is not one target, and one flag, a row, or the tape's micro-batches cannot share the rows equally.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A target that counts is not in [0, V), or the smoothing not in [0, 1).</exception>
    /// <exception cref="ArgumentException">A tensor was made on another tape, or before this one was reset.</exception>
    public static Tensor Apply(
        Tape tape, Tensor logits, ReadOnlySpan<int> targets, ReadOnlySpan<bool> mask = default, double divisor = 0,
        double smoothing = 0)
    {
        ArgumentNullException.ThrowIfNull(tape);
        if (smoothing is not (>= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(smoothing), smoothing, "cross-entropy: the smoothing is a share of at least 0 and below 1");
        }

        tape.RequireOwn(logits);
        int rows = logits.Shape.Rows;
        if (targets.Length != rows || (mask.Length != 0 && mask.Length != rows))
        {
            throw new ShapeException($"cross-entropy: logits {logits.Shape} have {rows} rows, but there are {targets.Length} targets "
                + $"and {mask.Length} flags in the mask");
        }

        if (rows % tape.MicroBatches != 0)
        {
            throw new ShapeException(
                $"cross-entropy: logits {logits.Shape} have {rows} rows, which {tape.MicroBatches} micro-batches cannot share equally");
        }

        if (divisor == 0)
        {
            divisor = Math.Max(1, CountTargets(targets, mask));
        }

        Tensor loss = tape.Create(new Shape(tape.MicroBatches));
        float* losses = tape.AllocateFloats(rows);
        float* logSums = tape.AllocateFloats(rows);
        TokenLosses(logits, targets, mask, losses, logSums, (float)smoothing, tape.Pool);
        int share = rows / tape.MicroBatches;
        for (int part = 0; part < tape.MicroBatches; part++)
        {
            double sum = 0;
            for (int row = part * share; row < (part + 1) * share; row++)
            {
                sum += losses[row];
            }

            loss.Data[part] = (float)(sum / divisor);
        }

        if (tape.Stores(loss))
        {
            var operation = tape.Record<CrossEntropy>(loss);
            operation._logits = logits;
            operation._targets = Keep(operation._targets, targets);
            operation._mask = Keep(operation._mask, mask);
            operation._logSums = logSums;
            operation._divisor = divisor;
            operation._smoothing = (float)smoothing;
        }

        return loss;
    }

    /// <summary>The loss of each row in nats, 0 where the target does not count.</summary>
    /// <param name="logits"><c>[…, V]</c>, N rows.</param>
    /// <param name="targets">N ids in [0, V).</param>
    /// <param name="mask">N flags, or empty for all.</param>
    /// <param name="losses">Receives N losses.</param>
    /// <param name="pool">The threads to share the rows with.</param>
    /// <exception cref="ArgumentException">The logits were made before their tape was reset.</exception>
    /// <exception cref="ShapeException">There is not one target, one loss, and one flag, a row.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target that counts is not in [0, V).</exception>
    public static void TokenLosses(
        Tensor logits, ReadOnlySpan<int> targets, ReadOnlySpan<bool> mask, Span<float> losses, WorkerPool pool)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(pool);
        if (logits.Tape is null)
        {
            throw new ArgumentException("these logits were made before their tape was reset", nameof(logits));
        }

        if (losses.Length != logits.Shape.Rows || targets.Length != losses.Length
            || (mask.Length != 0 && mask.Length != losses.Length))
        {
            throw new ShapeException($"cross-entropy: logits {logits.Shape} need {logits.Shape.Rows} targets, losses and flags, "
                + $"got {targets.Length}, {losses.Length} and {mask.Length}");
        }

        float[] logSums = new float[losses.Length];
        fixed (float* l = losses, s = logSums)
        {
            TokenLosses(logits, targets, mask, l, s, smoothing: 0, pool);
        }
    }

    internal override void Backward(Tape tape)
    {
        float* dlogits = _logits.GradientToWrite(out bool accumulate);
        int rows = _logits.Shape.Rows, columns = _logits.Shape.Columns;
        int share = rows / tape.MicroBatches;
        fixed (int* targets = _targets)
        fixed (bool* mask = _mask)
        {
            for (int part = 0, first = 0; part < tape.MicroBatches; part++, first += share)
            {
                tape.Pool.ForRows(
                    share, columns,
                    new CrossEntropyBackward
                    {
                        Logits = _logits.DataPointer + ((long)first * columns), Gradient = dlogits + ((long)first * columns),
                        LogSums = _logSums + first, Targets = targets + first, Mask = mask is null ? null : mask + first,
                        Columns = columns, Accumulate = accumulate, Scale = (float)(Output.GradientPointer[part] / _divisor),
                        Smoothing = _smoothing,
                    });
            }
        }
    }

    private static void TokenLosses(
        Tensor logits, ReadOnlySpan<int> targets, ReadOnlySpan<bool> mask, float* losses, float* logSums, float smoothing,
        WorkerPool pool)
    {
        int columns = logits.Shape.Columns;
        for (int row = 0; row < targets.Length; row++)
        {
            if ((mask.IsEmpty || mask[row]) && (uint)targets[row] >= (uint)columns)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(targets), targets[row], $"cross-entropy: target {row} is outside the {columns} columns of the logits");
            }
        }

        fixed (int* t = targets)
        fixed (bool* m = mask)
        {
            pool.ForRows(
                targets.Length, columns,
                new CrossEntropyForward
                {
                    Logits = logits.DataPointer, Losses = losses, LogSums = logSums, Targets = t, Mask = m, Columns = columns,
                    Smoothing = smoothing,
                });
        }

        GC.KeepAlive(logits); // and with it the tape, whose memory was used by address alone
    }

    private static int CountTargets(ReadOnlySpan<int> targets, ReadOnlySpan<bool> mask) =>
        mask.IsEmpty ? targets.Length : mask.Count(true);

    private static T[] Keep<T>(T[] buffer, ReadOnlySpan<T> values)
    {
        if (buffer.Length != values.Length)
        {
            buffer = new T[values.Length];
        }

        values.CopyTo(buffer);
        return buffer;
    }
}
