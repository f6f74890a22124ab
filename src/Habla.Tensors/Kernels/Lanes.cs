using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Habla.Tensors.Kernels;

/// <summary>
/// The 16 virtual lanes that every kernel computes on. .NET lowers them to one 512-bit, two 256-bit or four 128-bit registers;
/// the arithmetic of each lane, and the order in which lanes are summed, is the same for all of them.
/// </summary>
/// <remarks>
/// Parts of a vector are loaded and stored under a mask where AVX-512 is there. A copy by a function call in their place made the
/// compiler keep a loop's vectors in memory around the call it hardly ever makes: LayerNorm took three times as long.
/// </remarks>
internal static unsafe class Lanes
{
    public const int Count = 16;

    /// <summary>Loads 1 to 16 floats; the other lanes are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadPartial(float* source, int count)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.MaskLoad(source, FirstLanes(count), Vector512<float>.Zero);
        }

        Vector512<float> lanes = default;
        Unsafe.CopyBlockUnaligned(&lanes, source, (uint)count * sizeof(float));
        return lanes;
    }

    /// <summary>Stores the first 1 to 16 lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(Vector512<float> lanes, float* destination, int count)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.MaskStore(destination, FirstLanes(count), lanes);
        }
        else
        {
            Unsafe.CopyBlockUnaligned(destination, &lanes, (uint)count * sizeof(float));
        }
    }

    /// <summary>Loads up to 16 floats, all 16 in one instruction; the other lanes are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source, int count) =>
        count >= Count ? Vector512.Load(source) : LoadPartial(source, count);

    /// <summary>Stores up to 16 lanes, all 16 in one instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> lanes, float* destination, int count)
    {
        if (count >= Count)
        {
            lanes.Store(destination);
        }
        else
        {
            StorePartial(lanes, destination, count);
        }
    }

    /// <summary>The first lanes, zero in the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> First(Vector512<float> lanes, int count) => count >= Count
        ? lanes
        : Vector512.ConditionalSelect(FirstLanes(count), lanes, Vector512<float>.Zero);

    /// <summary>All bits set in the first lanes, none in the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> FirstLanes(int count) =>
        Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();

    /// <summary>Sums the lanes pairwise: 16 → 8 → 4 → 2 → 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> lanes)
    {
        Vector256<float> eight = lanes.GetLower() + lanes.GetUpper();
        Vector128<float> four = eight.GetLower() + eight.GetUpper();
        Vector128<float> two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return (two + Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    /// <summary>
    /// The largest lane. When a lane is NaN the result is any lane: the caller's next operation has to meet the NaN itself.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(Vector512<float> lanes)
    {
        Vector256<float> eight = Vector256.MaxNative(lanes.GetLower(), lanes.GetUpper());
        Vector128<float> four = Vector128.MaxNative(eight.GetLower(), eight.GetUpper());
        Vector128<float> two = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(two, Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }
}
