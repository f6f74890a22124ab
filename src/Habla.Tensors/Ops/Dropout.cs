using Habla.Tensors.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Ops;

/// <summary>
/// Dropout: y = x·m/(1 − p), where each m is 0 with probability p and 1 otherwise. Backward: dx = dy·m/(1 − p).
/// The mask is not stored: both directions compute it from the tape's <see cref="Tape.Dropout"/> stream.
/// </summary>
/// <remarks>Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 2014.</remarks>
public sealed unsafe class Dropout : Operation
{
    private Tensor _x = null!;
    private SeededRandom _random;
    private ulong _firstBlock;
    private float _probability;

    /// <summary>Drops elements; does nothing when the probability is 0 or the tape has no dropout stream.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x"><c>[B, …]</c>: the first dimension counts samples.</param>
    /// <param name="probability">p in [0, 1).</param>
    /// <returns>The same shape.</returns>
    /// <exception cref="ArgumentOutOfRangeException">p is outside [0, 1).</exception>
    /// <exception cref="ArgumentException">A tensor was made on another tape, or before this one was reset.</exception>
    public static Tensor Apply(Tape tape, Tensor x, float probability)
    {
        ArgumentNullException.ThrowIfNull(tape);
        tape.RequireOwn(x);
        CheckProbability(probability);
        if (probability == 0 || tape.Dropout is not { } source)
        {
            return x;
        }

        long sample = x.Shape.Count / x.Shape[0];
        ulong firstBlock = source.NextSite(DropoutKernel.BlocksFor(sample));
        Tensor y = tape.Create(x.Shape);
        Mask(tape.Pool, x.DataPointer, y.DataPointer, x.Shape, source.Random, firstBlock, probability, accumulate: false);
        if (tape.Records)
        {
            var operation = tape.Record<Dropout>(y);
            (operation._x, operation._random, operation._firstBlock, operation._probability) =
                (x, source.Random, firstBlock, probability);
        }

        return y;
    }

    internal static void CheckProbability(float probability)
    {
        if (probability is not (>= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "dropout: the probability must be in [0, 1)");
        }
    }

    internal override void Backward(Tape tape)
    {
        float* dx = _x.GradientToWrite(out bool accumulate);
        Mask(tape.Pool, Output.GradientPointer, dx, _x.Shape, _random, _firstBlock, _probability, accumulate);
    }

    private static void Mask(
        WorkerPool pool, float* x, float* y, Shape shape, in SeededRandom random, ulong firstBlock, float probability, bool accumulate)
    {
        long sample = shape.Count / shape[0];
        pool.ForRows(
            shape[0], 4 * sample,
            new Samples
            {
                X = x, Y = y, Size = sample, Random = random, FirstBlock = firstBlock,
                Probability = probability, Accumulate = accumulate,
            });
    }

    private struct Samples : IRowWork
    {
        public float* X, Y;
        public long Size;
        public SeededRandom Random;
        public ulong FirstBlock;
        public float Probability;
        public bool Accumulate;

        public readonly void Run(int from, int to)
        {
            for (int sample = from; sample < to; sample++)
            {
                ulong block = FirstBlock + ((ulong)sample * (ulong)DropoutKernel.BlocksFor(Size));
                DropoutKernel.Apply(
                    X + (sample * Size), Y + (sample * Size), Size, Random, block, Probability, Accumulate);
            }
        }
    }
}
