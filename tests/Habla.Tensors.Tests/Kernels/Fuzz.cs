using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Kernels;

/// <summary>Sizes, alignments, thread counts and numbers that look random and are the same in every run.</summary>
/// <param name="seed">Which ones.</param>
internal sealed class Fuzz(ulong seed)
{
    /// <summary>The largest size: sixteen vectors of sixteen, and one.</summary>
    public const int Largest = 257;

    private static readonly Dictionary<int, WorkerPool> s_pools =
        new[] { 1, 2, 3, 8 }.ToDictionary(threads => threads, threads => new WorkerPool(threads));

    private readonly SeededRandom _random = new(seed, RandomPurpose.Corpus, 314);
    private ulong _drawn;

    /// <summary>All sizes from 0 to <see cref="Largest"/>.</summary>
    public static IEnumerable<int> Sizes => Enumerable.Range(0, Largest + 1);

    /// <summary>The thread counts that every kernel has to agree for.</summary>
    public static IEnumerable<WorkerPool> Pools => s_pools.Values;

    public static WorkerPool Pool(int threads) => s_pools[threads];

    public int Below(int bound) => _random.Below(_drawn++, bound);

    public bool Coin() => Below(2) == 1;

    /// <summary>From 0 to <see cref="Largest"/>, or to another most.</summary>
    public int Size(int most = Largest) => Below(most + 1);

    /// <summary>How many floats past a 64-byte boundary.</summary>
    public int Offset() => Below(16);

    /// <summary>A pool of 1, 2, 3 or 8 threads.</summary>
    public WorkerPool Pool() => s_pools[Below(4) switch { 0 => 1, 1 => 2, 2 => 3, _ => 8 }];

    /// <summary>Numbers between −scale and scale, none of them special.</summary>
    public float[] Values(int count, float scale = 1)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i += 4)
        {
            PhiloxBlock words = _random.Block((1ul << 40) + _drawn++);
            for (int j = i; j < Math.Min(i + 4, count); j++)
            {
                uint word = (j - i) switch { 0 => words.W0, 1 => words.W1, 2 => words.W2, _ => words.W3 };
                values[j] = (((word >> 8) * (1f / (1 << 23))) - 1f) * scale;
            }
        }

        return values;
    }

    /// <summary>The same with a zero of either sign, a denormal, an infinity or a NaN here and there.</summary>
    public float[] WithSpecials(int count, float scale = 1)
    {
        float[] specials = [0f, -0f, 1e-41f, -1e-41f, float.PositiveInfinity, float.NegativeInfinity, float.NaN, float.MaxValue];
        float[] values = Values(count, scale);
        for (int i = 0; i < count; i++)
        {
            if (Below(8) == 0)
            {
                values[i] = specials[Below(specials.Length)];
            }
        }

        return values;
    }

    public GuardedFloats Guarded(int count, float scale = 1) => new(Values(count, scale), Offset());

    public GuardedFloats Empty(int count) => new(count, Offset());

    /// <summary>true with a chance of a half or so, but true for all or false for all now and then.</summary>
    public bool[] Flags(int count)
    {
        int kind = Below(6);
        return [.. Enumerable.Range(0, count).Select(_ => kind == 0 || (kind != 1 && Coin()))];
    }
}
