using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Kernels;

/// <summary>
/// The sigmoid-weighted linear unit: y = x·s with s = 1/(1 + e^(−x)), dy/dx = s + x·s(1 − s).
/// </summary>
/// <remarks>As in <see cref="TanhGelu"/>, x is held where the exponential needs no care for overflow.</remarks>
internal readonly struct Silu : ISlopedFunction
{
    // Beyond it s is 1, or less than 2⁻¹²⁵ and taken as 0; up to there e^(−x) is a normal number.
    private const float Limit = 87f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Invoke(Vector512<float> x, out Vector512<float> y, out Vector512<float> slope)
    {
        Vector512<float> one = Vector512<float>.One, bounded = GeluRange.Both(x, Limit);
        Vector512<float> s = one / (one + VectorMath.ExpOfModerate(-bounded));
        s = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(-Limit)), Vector512<float>.Zero, s);
        y = GeluRange.FromBelow(x, Limit) * s;
        slope = Vector512.FusedMultiplyAdd(bounded * s, one - s, s);
    }
}

/// <summary>y = silu(gate)·up, row by row: a row of x is its gate and its up side by side.</summary>
internal unsafe struct SwiGluForward : IRowWork
{
    public float* X, Y;
    public int Columns; // of y; x has twice as many

    public readonly void Run(int from, int to)
    {
        int columns = Columns;
        for (int row = from; row < to; row++)
        {
            float* gate = X + (2L * row * columns), up = gate + columns, y = Y + ((long)row * columns);
            for (int j = 0; j < columns; j += Lanes.Count)
            {
                int width = columns - j;
                Silu.Invoke(Lanes.Load(gate + j, width), out Vector512<float> open, out _);
                Lanes.Store(open * Lanes.Load(up + j, width), y + j, width);
            }
        }
    }
}

/// <summary>dgate = dy·up·silu′(gate), dup = dy·silu(gate).</summary>
internal unsafe struct SwiGluBackward : IRowWork
{
    public float* X, Dy, Dx;
    public int Columns; // of y; x has twice as many
    public bool Accumulate;

    public readonly void Run(int from, int to)
    {
        int columns = Columns;
        for (int row = from; row < to; row++)
        {
            long start = 2L * row * columns;
            float* gate = X + start, up = gate + columns, dy = Dy + ((long)row * columns), dgate = Dx + start, dup = dgate + columns;
            for (int j = 0; j < columns; j += Lanes.Count)
            {
                int width = columns - j;
                Vector512<float> d = Lanes.Load(dy + j, width);
                Silu.Invoke(Lanes.Load(gate + j, width), out Vector512<float> open, out Vector512<float> slope);
                Write(d * Lanes.Load(up + j, width) * slope, dgate + j, width);
                Write(d * open, dup + j, width);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Write(Vector512<float> slope, float* place, int width) =>
        Lanes.Store(Accumulate ? Lanes.Load(place, width) + slope : slope, place, width);
}
