using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Habla.Tensors.Kernels;

/// <summary>
/// A 12 × 32 tile of C in 24 of the 32 registers of AVX-512: for each k, two vectors of B and twelve broadcast numbers of A feed
/// 24 fused multiply-adds, so the loads hide behind the arithmetic. Written out, because the compiler keeps locals, but not
/// array elements, in registers.
/// </summary>
internal unsafe struct MicroKernel12x32 : IMicroKernel
{
    private const int Lanes = 16;

    /// <summary>Whether this machine has the registers for it.</summary>
    public static bool IsBest => Vector512.IsHardwareAccelerated;

    public static int Rows => 12;

    public static int Columns => 2 * Lanes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(int depth, float* a, float* b, float* c, int cStride, bool accumulate)
    {
        long stride = cStride;
        Vector512<float> l0 = default, l1 = default, l2 = default, l3 = default, l4 = default, l5 = default;
        Vector512<float> l6 = default, l7 = default, l8 = default, l9 = default, l10 = default, l11 = default;
        Vector512<float> r0 = default, r1 = default, r2 = default, r3 = default, r4 = default, r5 = default;
        Vector512<float> r6 = default, r7 = default, r8 = default, r9 = default, r10 = default, r11 = default;
        if (accumulate)
        {
            (l0, r0) = (Vector512.Load(c), Vector512.Load(c + Lanes));
            (l1, r1) = (Vector512.Load(c + stride), Vector512.Load(c + stride + Lanes));
            (l2, r2) = (Vector512.Load(c + (2 * stride)), Vector512.Load(c + (2 * stride) + Lanes));
            (l3, r3) = (Vector512.Load(c + (3 * stride)), Vector512.Load(c + (3 * stride) + Lanes));
            (l4, r4) = (Vector512.Load(c + (4 * stride)), Vector512.Load(c + (4 * stride) + Lanes));
            (l5, r5) = (Vector512.Load(c + (5 * stride)), Vector512.Load(c + (5 * stride) + Lanes));
            (l6, r6) = (Vector512.Load(c + (6 * stride)), Vector512.Load(c + (6 * stride) + Lanes));
            (l7, r7) = (Vector512.Load(c + (7 * stride)), Vector512.Load(c + (7 * stride) + Lanes));
            (l8, r8) = (Vector512.Load(c + (8 * stride)), Vector512.Load(c + (8 * stride) + Lanes));
            (l9, r9) = (Vector512.Load(c + (9 * stride)), Vector512.Load(c + (9 * stride) + Lanes));
            (l10, r10) = (Vector512.Load(c + (10 * stride)), Vector512.Load(c + (10 * stride) + Lanes));
            (l11, r11) = (Vector512.Load(c + (11 * stride)), Vector512.Load(c + (11 * stride) + Lanes));
        }

        for (int k = 0; k < depth; k++, a += 12, b += 2 * Lanes)
        {
            Vector512<float> left = Vector512.Load(b), right = Vector512.Load(b + Lanes);
            Vector512<float> x = Vector512.Create(a[0]);
            (l0, r0) = (Vector512.FusedMultiplyAdd(x, left, l0), Vector512.FusedMultiplyAdd(x, right, r0));
            x = Vector512.Create(a[1]);
            (l1, r1) = (Vector512.FusedMultiplyAdd(x, left, l1), Vector512.FusedMultiplyAdd(x, right, r1));
            x = Vector512.Create(a[2]);
            (l2, r2) = (Vector512.FusedMultiplyAdd(x, left, l2), Vector512.FusedMultiplyAdd(x, right, r2));
            x = Vector512.Create(a[3]);
            (l3, r3) = (Vector512.FusedMultiplyAdd(x, left, l3), Vector512.FusedMultiplyAdd(x, right, r3));
            x = Vector512.Create(a[4]);
            (l4, r4) = (Vector512.FusedMultiplyAdd(x, left, l4), Vector512.FusedMultiplyAdd(x, right, r4));
            x = Vector512.Create(a[5]);
            (l5, r5) = (Vector512.FusedMultiplyAdd(x, left, l5), Vector512.FusedMultiplyAdd(x, right, r5));
            x = Vector512.Create(a[6]);
            (l6, r6) = (Vector512.FusedMultiplyAdd(x, left, l6), Vector512.FusedMultiplyAdd(x, right, r6));
            x = Vector512.Create(a[7]);
            (l7, r7) = (Vector512.FusedMultiplyAdd(x, left, l7), Vector512.FusedMultiplyAdd(x, right, r7));
            x = Vector512.Create(a[8]);
            (l8, r8) = (Vector512.FusedMultiplyAdd(x, left, l8), Vector512.FusedMultiplyAdd(x, right, r8));
            x = Vector512.Create(a[9]);
            (l9, r9) = (Vector512.FusedMultiplyAdd(x, left, l9), Vector512.FusedMultiplyAdd(x, right, r9));
            x = Vector512.Create(a[10]);
            (l10, r10) = (Vector512.FusedMultiplyAdd(x, left, l10), Vector512.FusedMultiplyAdd(x, right, r10));
            x = Vector512.Create(a[11]);
            (l11, r11) = (Vector512.FusedMultiplyAdd(x, left, l11), Vector512.FusedMultiplyAdd(x, right, r11));
        }

        l0.Store(c);
        r0.Store(c + Lanes);
        l1.Store(c + stride);
        r1.Store(c + stride + Lanes);
        l2.Store(c + (2 * stride));
        r2.Store(c + (2 * stride) + Lanes);
        l3.Store(c + (3 * stride));
        r3.Store(c + (3 * stride) + Lanes);
        l4.Store(c + (4 * stride));
        r4.Store(c + (4 * stride) + Lanes);
        l5.Store(c + (5 * stride));
        r5.Store(c + (5 * stride) + Lanes);
        l6.Store(c + (6 * stride));
        r6.Store(c + (6 * stride) + Lanes);
        l7.Store(c + (7 * stride));
        r7.Store(c + (7 * stride) + Lanes);
        l8.Store(c + (8 * stride));
        r8.Store(c + (8 * stride) + Lanes);
        l9.Store(c + (9 * stride));
        r9.Store(c + (9 * stride) + Lanes);
        l10.Store(c + (10 * stride));
        r10.Store(c + (10 * stride) + Lanes);
        l11.Store(c + (11 * stride));
        r11.Store(c + (11 * stride) + Lanes);
    }
}
