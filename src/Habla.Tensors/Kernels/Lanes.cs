using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Habla.Tensors.Kernels;

/// <summary>
/// The 16 virtual lanes that every kernel computes on. .NET lowers them to one 512-bit, two 256-bit or four 128-bit registers;
/// the arithmetic of each lane, and the order in which lanes are summed, is the same for all of them.
/// </summary>
internal static unsafe class Lanes
{
    public const int Count = 16;

    /// <summary>Loads 1 to 16 floats; the other lanes are zero.</summary>
    public static Vector512<float> LoadPartial(float* source, int count)
    {
        Vector512<float> lanes = default;
        Unsafe.CopyBlockUnaligned(&lanes, source, (uint)count * sizeof(float));
        return lanes;
    }

    /// <summary>Stores the first 1 to 16 lanes.</summary>
    public static void StorePartial(Vector512<float> lanes, float* destination, int count) =>
        Unsafe.CopyBlockUnaligned(destination, &lanes, (uint)count * sizeof(float));

    /// <summary>Loads 1 to 16 floats, all 16 in one instruction; the other lanes are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source, int count) =>
        count == Count ? Vector512.Load(source) : LoadPartial(source, count);

    /// <summary>Stores the first 1 to 16 lanes, all 16 in one instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> lanes, float* destination, int count)
    {
        if (count == Count)
        {
            lanes.Store(destination);
        }
        else
        {
            StorePartial(lanes, destination, count);
        }
    }

    /// <summary>Sums the lanes pairwise: 16 → 8 → 4 → 2 → 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> lanes)
    {
        Vector256<float> eight = lanes.GetLower() + lanes.GetUpper();
        Vector128<float> four = eight.GetLower() + eight.GetUpper();
        return (four[0] + four[2]) + (four[1] + four[3]);
    }

    /// <summary>The largest lane; NaN when any lane is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(Vector512<float> lanes)
    {
        Vector256<float> eight = Vector256.Max(lanes.GetLower(), lanes.GetUpper());
        Vector128<float> four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        return MathF.Max(MathF.Max(four[0], four[2]), MathF.Max(four[1], four[3]));
    }
}
