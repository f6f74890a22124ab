using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Habla.Tensors.Kernels;

/// <summary>
/// How a panel of <see cref="WeightMatrix"/> stores weights, and how a vector of them becomes float32 numbers, exactly.
/// </summary>
/// <typeparam name="TVector">The vector that is read at once.</typeparam>
internal unsafe interface IWeightForm<TVector>
{
    /// <summary>Bytes of a weight.</summary>
    static abstract int Bytes { get; }

    /// <summary>Bytes of the scale that 32 weights of an output share; 0 where there is none.</summary>
    static abstract int ScaleBytes { get; }

    /// <summary>Stores neighbouring weights of one output, each a stride after the one before, and their scale.</summary>
    /// <param name="weights">At most 32.</param>
    /// <param name="stored">Where the first weight goes.</param>
    /// <param name="stride">Bytes from one to the next.</param>
    /// <param name="scale">Where the scale goes.</param>
    static abstract void Store(ReadOnlySpan<float> weights, byte* stored, int stride, byte* scale);

    /// <summary>The scales of as many outputs as a vector has lanes.</summary>
    static abstract TVector Scales(byte* scales);

    /// <summary>As many weights as a vector has lanes, of one row of the panel.</summary>
    static abstract TVector Load(byte* weights, TVector scales);
}

/// <summary>Weights as they are.</summary>
internal unsafe readonly struct Float32Form : IWeightForm<Vector512<float>>, IWeightForm<Vector256<float>>
{
    public static int Bytes => sizeof(float);

    public static int ScaleBytes => 0;

    public static void Store(ReadOnlySpan<float> weights, byte* stored, int stride, byte* scale)
    {
        foreach (float weight in weights)
        {
            *(float*)stored = weight;
            stored += stride;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> IWeightForm<Vector512<float>>.Scales(byte* scales) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> IWeightForm<Vector256<float>>.Scales(byte* scales) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(byte* weights, Vector512<float> scales) => Vector512.Load((float*)weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(byte* weights, Vector256<float> scales) => Vector256.Load((float*)weights);
}

/// <summary>Weights rounded to binary16.</summary>
internal unsafe readonly struct Float16Form : IWeightForm<Vector512<float>>, IWeightForm<Vector256<float>>
{
    public static int Bytes => sizeof(ushort);

    public static int ScaleBytes => 0;

    public static void Store(ReadOnlySpan<float> weights, byte* stored, int stride, byte* scale)
    {
        ushort* patterns = stackalloc ushort[Q8Block.Size];
        fixed (float* numbers = weights)
        {
            SixteenBits.Round(ActivationFormat.Float16, numbers, patterns, weights.Length);
        }

        for (int i = 0; i < weights.Length; i++, stored += stride)
        {
            *(ushort*)stored = patterns[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> IWeightForm<Vector512<float>>.Scales(byte* scales) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> IWeightForm<Vector256<float>>.Scales(byte* scales) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(byte* weights, Vector512<float> scales) => Widen16((ushort*)weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(byte* weights, Vector256<float> scales) => Widen8((ushort*)weights);

    /// <summary>The numbers of 16 patterns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Widen16(ushort* patterns) =>
        Float16Format.Widen(SixteenBits.Broaden(Vector256.Load(patterns)));

    /// <summary>The numbers of 8 patterns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Widen8(ushort* patterns) =>
        Float16Format.Widen(SixteenBits.Broaden(Vector128.Load(patterns).ToVector256())).GetLower();
}

/// <summary>q8_0: a byte a weight, and for 32 weights of an output a scale in binary16.</summary>
internal unsafe readonly struct Q8Form : IWeightForm<Vector512<float>>, IWeightForm<Vector256<float>>
{
    public static int Bytes => sizeof(sbyte);

    public static int ScaleBytes => sizeof(ushort);

    public static void Store(ReadOnlySpan<float> weights, byte* stored, int stride, byte* scale)
    {
        Span<sbyte> quantized = stackalloc sbyte[Q8Block.Size];
        *(Half*)scale = Q8Block.Quantize(weights, quantized);
        for (int i = 0; i < weights.Length; i++, stored += stride)
        {
            *(sbyte*)stored = quantized[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> IWeightForm<Vector512<float>>.Scales(byte* scales) => Float16Form.Widen16((ushort*)scales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> IWeightForm<Vector256<float>>.Scales(byte* scales) => Float16Form.Widen8((ushort*)scales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(byte* weights, Vector512<float> scales)
    {
        if (Avx512F.IsSupported)
        {
            return Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load((sbyte*)weights))) * scales;
        }

        (Vector128<short> lower, Vector128<short> upper) = Vector128.Widen(Vector128.Load((sbyte*)weights));
        return Vector512.Create(
            Vector256.ConvertToSingle(Vector256.Create(Vector128.WidenLower(lower), Vector128.WidenUpper(lower))),
            Vector256.ConvertToSingle(Vector256.Create(Vector128.WidenLower(upper), Vector128.WidenUpper(upper)))) * scales;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(byte* weights, Vector256<float> scales)
    {
        if (Avx2.IsSupported)
        {
            return Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32((sbyte*)weights)) * scales;
        }

        Vector128<short> eight = Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(ulong*)weights).AsSByte());
        return Vector256.ConvertToSingle(Vector256.Create(Vector128.WidenLower(eight), Vector128.WidenUpper(eight))) * scales;
    }
}
