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
/// Twelve chains: a fused multiply-add takes four or five cycles until its result can be used, and a processor starts two each
/// cycle, so ten chains in flight do, and with their two constants twelve fit the sixteen registers of AVX2. The widest instruction set
/// that .NET uses here decides the width of a chain.
/// </remarks>
public static class FmaPeak
{
    private const int Chains = 12;

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
            float end = Lanes switch
            {
                16 => Run<Vector512<float>, Register512>(Rounds),
                8 => Run<Vector256<float>, Register256>(Rounds),
                _ => Run<Vector128<float>, Register128>(Rounds),
            };
            if (!(end > 0))
            {
                throw new InvalidOperationException("a chain of fused multiply-adds ended in a number that it cannot reach");
            }
        }
    }

    /// <summary>A register of the width that is measured.</summary>
    private interface IRegister<TVector>
    {
        static abstract TVector Create(float x);

        static abstract TVector MultiplyAdd(TVector x, TVector y, TVector sum);

        static abstract float Sum(TVector vector);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run<TVector, TRegister>(int rounds)
        where TRegister : struct, IRegister<TVector>
    {
        TVector x = TRegister.Create(0.5f), y = x, a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int round = 0; round < rounds; round++)
        {
            (a, b) = (TRegister.MultiplyAdd(a, x, y), TRegister.MultiplyAdd(b, x, y));
            (c, d) = (TRegister.MultiplyAdd(c, x, y), TRegister.MultiplyAdd(d, x, y));
            (e, f) = (TRegister.MultiplyAdd(e, x, y), TRegister.MultiplyAdd(f, x, y));
            (g, h) = (TRegister.MultiplyAdd(g, x, y), TRegister.MultiplyAdd(h, x, y));
            (i, j) = (TRegister.MultiplyAdd(i, x, y), TRegister.MultiplyAdd(j, x, y));
            (k, l) = (TRegister.MultiplyAdd(k, x, y), TRegister.MultiplyAdd(l, x, y));
        }

        return TRegister.Sum(a) + TRegister.Sum(b) + TRegister.Sum(c) + TRegister.Sum(d) + TRegister.Sum(e) + TRegister.Sum(f)
            + TRegister.Sum(g) + TRegister.Sum(h) + TRegister.Sum(i) + TRegister.Sum(j) + TRegister.Sum(k) + TRegister.Sum(l);
    }

    private readonly struct Register512 : IRegister<Vector512<float>>
    {
        public static Vector512<float> Create(float x) => Vector512.Create(x);

        public static Vector512<float> MultiplyAdd(Vector512<float> x, Vector512<float> y, Vector512<float> sum) =>
            Vector512.FusedMultiplyAdd(x, y, sum);

        public static float Sum(Vector512<float> vector) => Vector512.Sum(vector);
    }

    private readonly struct Register256 : IRegister<Vector256<float>>
    {
        public static Vector256<float> Create(float x) => Vector256.Create(x);

        public static Vector256<float> MultiplyAdd(Vector256<float> x, Vector256<float> y, Vector256<float> sum) =>
            Vector256.FusedMultiplyAdd(x, y, sum);

        public static float Sum(Vector256<float> vector) => Vector256.Sum(vector);
    }

    private readonly struct Register128 : IRegister<Vector128<float>>
    {
        public static Vector128<float> Create(float x) => Vector128.Create(x);

        public static Vector128<float> MultiplyAdd(Vector128<float> x, Vector128<float> y, Vector128<float> sum) =>
            Vector128.FusedMultiplyAdd(x, y, sum);

        public static float Sum(Vector128<float> vector) => Vector128.Sum(vector);
    }
}
