using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Habla.Tensors.Kernels;

/// <summary>Of what registers a row of a tile consists: one or two vectors.</summary>
internal unsafe interface ITileVectors<TVector>
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Width { get; }

    /// <summary>Whether a row has a right vector beside the left one.</summary>
    static abstract bool HasRight { get; }

    static abstract TVector Load(float* source);

    static abstract void Store(TVector vector, float* destination);

    /// <summary>All lanes the same number.</summary>
    static abstract TVector Broadcast(float* x);

    /// <summary>x·y + sum with one rounding.</summary>
    static abstract TVector MultiplyAdd(TVector x, TVector y, TVector sum);
}

/// <summary>How many registers a row of a tile takes.</summary>
internal interface IRegistersPerRow
{
    static abstract bool AreTwo { get; }
}

internal readonly struct OneRegister : IRegistersPerRow
{
    public static bool AreTwo => false;
}

internal readonly struct TwoRegisters : IRegistersPerRow
{
    public static bool AreTwo => true;
}

/// <summary>
/// 32 columns in two registers of AVX-512, or 16 in one, for what is left beside tiles of 32 and for narrow attention heads.
/// </summary>
internal unsafe readonly struct WideColumns<TRegisters> : ITileVectors<Vector512<float>>
    where TRegisters : struct, IRegistersPerRow
{
    public static int Width => 16;

    public static bool HasRight => TRegisters.AreTwo;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> vector, float* destination) => vector.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Broadcast(float* x) => Vector512.Create(*x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> x, Vector512<float> y, Vector512<float> sum) =>
        Vector512.FusedMultiplyAdd(x, y, sum);
}

/// <summary>
/// 16 columns in two registers of AVX2; also the portable form, since .NET lowers 256-bit vectors to 128 bits where there are no
/// wider ones.
/// </summary>
internal unsafe readonly struct HalfColumns16 : ITileVectors<Vector256<float>>
{
    public static int Width => 8;

    public static bool HasRight => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> vector, float* destination) => vector.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Broadcast(float* x) => Vector256.Create(*x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> x, Vector256<float> y, Vector256<float> sum) =>
        Vector256.FusedMultiplyAdd(x, y, sum);
}
