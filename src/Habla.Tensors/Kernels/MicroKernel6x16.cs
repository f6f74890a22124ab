using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Habla.Tensors.Kernels;

/// <summary>
/// A 6 × 16 tile of C in 12 of the 16 registers of AVX2; also the portable kernel, since .NET lowers 256-bit vectors to 128 bits
/// where there are no wider ones. Each element sums in the same order as in the larger tile, so the bits are the same.
/// </summary>
internal unsafe struct MicroKernel6x16 : IMicroKernel
{
    private const int Lanes = 8;

    public static int Rows => 6;

    public static int Columns => 2 * Lanes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(int depth, float* a, float* b, float* c, int cStride, bool accumulate)
    {
        long stride = cStride;
        Vector256<float> l0 = default, l1 = default, l2 = default, l3 = default, l4 = default, l5 = default;
        Vector256<float> r0 = default, r1 = default, r2 = default, r3 = default, r4 = default, r5 = default;
        if (accumulate)
        {
            (l0, r0) = (Vector256.Load(c), Vector256.Load(c + Lanes));
            (l1, r1) = (Vector256.Load(c + stride), Vector256.Load(c + stride + Lanes));
            (l2, r2) = (Vector256.Load(c + (2 * stride)), Vector256.Load(c + (2 * stride) + Lanes));
            (l3, r3) = (Vector256.Load(c + (3 * stride)), Vector256.Load(c + (3 * stride) + Lanes));
            (l4, r4) = (Vector256.Load(c + (4 * stride)), Vector256.Load(c + (4 * stride) + Lanes));
            (l5, r5) = (Vector256.Load(c + (5 * stride)), Vector256.Load(c + (5 * stride) + Lanes));
        }

        for (int k = 0; k < depth; k++, a += 6, b += 2 * Lanes)
        {
            Vector256<float> left = Vector256.Load(b), right = Vector256.Load(b + Lanes);
            Vector256<float> x = Vector256.Create(a[0]);
            (l0, r0) = (Vector256.FusedMultiplyAdd(x, left, l0), Vector256.FusedMultiplyAdd(x, right, r0));
            x = Vector256.Create(a[1]);
            (l1, r1) = (Vector256.FusedMultiplyAdd(x, left, l1), Vector256.FusedMultiplyAdd(x, right, r1));
            x = Vector256.Create(a[2]);
            (l2, r2) = (Vector256.FusedMultiplyAdd(x, left, l2), Vector256.FusedMultiplyAdd(x, right, r2));
            x = Vector256.Create(a[3]);
            (l3, r3) = (Vector256.FusedMultiplyAdd(x, left, l3), Vector256.FusedMultiplyAdd(x, right, r3));
            x = Vector256.Create(a[4]);
            (l4, r4) = (Vector256.FusedMultiplyAdd(x, left, l4), Vector256.FusedMultiplyAdd(x, right, r4));
            x = Vector256.Create(a[5]);
            (l5, r5) = (Vector256.FusedMultiplyAdd(x, left, l5), Vector256.FusedMultiplyAdd(x, right, r5));
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
    }
}
