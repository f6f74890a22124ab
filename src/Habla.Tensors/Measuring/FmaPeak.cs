using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Measuring;

/// <summary>
/// The most fused multiply-adds this machine can do a second: a loop of nothing else, on independent chains in registers. What a
/// kernel reaches is stated as a fraction of it, measured in the same process.
/// </summary>
/// <remarks>
/// Sixteen chains: a fused multiply-add takes four or five cycles until its result can be used, and a processor starts two each
/// cycle, so ten chains in flight would do; the widest instruction set that .NET uses here decides the width of a chain.
/// </remarks>
public static class FmaPeak
{
    private const int Chains = 16;

    /// <summary>Measures.</summary>
    /// <param name="pool">All its threads run the loop at the same time.</param>
    /// <param name="samples">How many times the loop is timed, a fraction of a millisecond each; the fastest counts. Default 100.</param>
    /// <returns>GFLOP/s of all threads together; a fused multiply-add of one lane counts as two operations.</returns>
    public static double Measure(WorkerPool pool, int samples = 100)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        const int Rounds = 1 << 17;
        int lanes = Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4;
        double operations = 2.0 * Chains * lanes * Rounds * pool.ThreadCount, best = 0;
        pool.For(pool.ThreadCount, new Work { Rounds = Rounds, Lanes = lanes }); // compiles the loop
        for (int sample = 0; sample < samples; sample++)
        {
            long start = Stopwatch.GetTimestamp();
            pool.For(pool.ThreadCount, new Work { Rounds = Rounds, Lanes = lanes });
            best = Math.Max(best, operations / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9);
        }

        return best;
    }

    private struct Work : IParallelWork
    {
        public int Rounds, Lanes;

        public readonly void Run(int piece)
        {
            // The chains end in 1, whatever the number of rounds; the test keeps the compiler from leaving the loop out.
            float end = Lanes == 16 ? Run512(Rounds) : Lanes == 8 ? Run256(Rounds) : Run128(Rounds);
            if (!(end > 0))
            {
                throw new InvalidOperationException("a chain of fused multiply-adds ended in a number that it cannot reach");
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run512(int rounds)
    {
        Vector512<float> x = Vector512.Create(0.5f), y = Vector512.Create(0.5f);
        Vector512<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y, m = y, n = y, o = y, p = y;
        for (int round = 0; round < rounds; round++)
        {
            (a, b) = (Vector512.FusedMultiplyAdd(a, x, y), Vector512.FusedMultiplyAdd(b, x, y));
            (c, d) = (Vector512.FusedMultiplyAdd(c, x, y), Vector512.FusedMultiplyAdd(d, x, y));
            (e, f) = (Vector512.FusedMultiplyAdd(e, x, y), Vector512.FusedMultiplyAdd(f, x, y));
            (g, h) = (Vector512.FusedMultiplyAdd(g, x, y), Vector512.FusedMultiplyAdd(h, x, y));
            (i, j) = (Vector512.FusedMultiplyAdd(i, x, y), Vector512.FusedMultiplyAdd(j, x, y));
            (k, l) = (Vector512.FusedMultiplyAdd(k, x, y), Vector512.FusedMultiplyAdd(l, x, y));
            (m, n) = (Vector512.FusedMultiplyAdd(m, x, y), Vector512.FusedMultiplyAdd(n, x, y));
            (o, p) = (Vector512.FusedMultiplyAdd(o, x, y), Vector512.FusedMultiplyAdd(p, x, y));
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run256(int rounds)
    {
        // Twelve chains and two constants fit the sixteen registers of AVX2; four more rounds in three make up for the other four.
        Vector256<float> x = Vector256.Create(0.5f), y = Vector256.Create(0.5f);
        Vector256<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (int round = 0; round < rounds / 3 * 4; round++)
        {
            (a, b) = (Vector256.FusedMultiplyAdd(a, x, y), Vector256.FusedMultiplyAdd(b, x, y));
            (c, d) = (Vector256.FusedMultiplyAdd(c, x, y), Vector256.FusedMultiplyAdd(d, x, y));
            (e, f) = (Vector256.FusedMultiplyAdd(e, x, y), Vector256.FusedMultiplyAdd(f, x, y));
            (g, h) = (Vector256.FusedMultiplyAdd(g, x, y), Vector256.FusedMultiplyAdd(h, x, y));
            (i, j) = (Vector256.FusedMultiplyAdd(i, x, y), Vector256.FusedMultiplyAdd(j, x, y));
            (k, l) = (Vector256.FusedMultiplyAdd(k, x, y), Vector256.FusedMultiplyAdd(l, x, y));
        }

        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run128(int rounds)
    {
        Vector128<float> x = Vector128.Create(0.5f), y = Vector128.Create(0.5f);
        Vector128<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (int round = 0; round < rounds / 3 * 4; round++)
        {
            (a, b) = (Vector128.FusedMultiplyAdd(a, x, y), Vector128.FusedMultiplyAdd(b, x, y));
            (c, d) = (Vector128.FusedMultiplyAdd(c, x, y), Vector128.FusedMultiplyAdd(d, x, y));
            (e, f) = (Vector128.FusedMultiplyAdd(e, x, y), Vector128.FusedMultiplyAdd(f, x, y));
            (g, h) = (Vector128.FusedMultiplyAdd(g, x, y), Vector128.FusedMultiplyAdd(h, x, y));
            (i, j) = (Vector128.FusedMultiplyAdd(i, x, y), Vector128.FusedMultiplyAdd(j, x, y));
            (k, l) = (Vector128.FusedMultiplyAdd(k, x, y), Vector128.FusedMultiplyAdd(l, x, y));
        }

        return Vector128.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
