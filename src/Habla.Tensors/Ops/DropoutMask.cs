using Habla.Tensors.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Ops;

/// <summary>
/// Which numbers of a tensor <c>[B, …]</c> a pass drops: a bit for each, drawn in the forward pass and read in the backward pass.
/// </summary>
/// <remarks>
/// Threads share the samples; each has a stretch of the random stream of its own. <see cref="DropoutKernel"/> tells what was tried.
/// </remarks>
internal unsafe struct DropoutMask
{
    private SeededRandom _random;
    private ulong* _kept;
    private ulong _firstGroup;
    private int _samples;
    private long _sampleSize;

    /// <summary>The probability of dropping a number; 0 when there is no dropout, and then nothing may be asked.</summary>
    public float Probability { get; private set; }

    /// <summary>Takes the next place of the tape's dropout stream; without a stream or a probability there is no dropout.</summary>
    public static DropoutMask For(Tape tape, Shape shape, float probability)
    {
        if (probability is not (>= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "dropout: the probability must be in [0, 1)");
        }

        if (probability == 0 || tape.Dropout is not { } source)
        {
            return default;
        }

        long sample = shape.Count / shape[0];
        return new DropoutMask
        {
            _random = source.Random,
            _firstGroup = source.NextSite(DropoutKernel.GroupsFor(sample)),
            _kept = (ulong*)tape.AllocateFloats(2L * shape[0] * WordsFor(sample)),
            _samples = shape[0],
            _sampleSize = sample,
            Probability = probability,
        };
    }

    /// <summary>Draws the bits, then y = base + x·m/(1 − p), with a base of zero where it is null.</summary>
    public readonly void DrawAndApply(WorkerPool pool, float* x, float* basis, float* y) =>
        pool.ForRows(_samples, 4 * _sampleSize, new Samples { Mask = this, X = x, Basis = basis, Y = y, Draws = true });

    /// <summary>y = x·m/(1 − p), or y += x·m/(1 − p).</summary>
    public readonly void Apply(WorkerPool pool, float* x, float* y, bool accumulate) =>
        pool.ForRows(_samples, _sampleSize, new Samples { Mask = this, X = x, Basis = accumulate ? y : null, Y = y });

    private static long WordsFor(long count) => DropoutKernel.GroupsFor(count) * DropoutKernel.WordsPerGroup;

    private struct Samples : IRowWork
    {
        public DropoutMask Mask;
        public float* X, Basis, Y;
        public bool Draws;

        public readonly void Run(int from, int to)
        {
            for (int sample = from; sample < to; sample++)
            {
                long start = sample * Mask._sampleSize;
                ulong* kept = Mask._kept + (sample * WordsFor(Mask._sampleSize));
                if (Draws)
                {
                    long groups = DropoutKernel.GroupsFor(Mask._sampleSize);
                    DropoutKernel.Draw(
                        kept, groups, Mask._random, Mask._firstGroup + (ulong)(sample * groups), Mask.Probability);
                }

                DropoutKernel.Apply(
                    X + start, Basis is null ? null : Basis + start, Y + start, Mask._sampleSize, kept, Mask.Probability);
            }
        }
    }
}
