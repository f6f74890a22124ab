namespace Habla.Tensors.Kernels;

/// <summary>
/// What attention's way forward leaves for its way back: the weights P themselves where sequences are short, else each row's maximum
/// and inverse sum, from which the weights are computed again (Dao, "FlashAttention-2", 2023). Nothing when there is no way back.
/// </summary>
/// <remarks><see cref="AttentionBackward"/> tells what keeping the weights costs and spares.</remarks>
internal readonly unsafe struct AttentionMemory(float* weights, float* rowSums)
{
    // Up to here the weights take a small part of the room that a layer's activations take; beyond they would be T × T floats a head.
    private const int LongestKept = 64;

    /// <summary>P, <c>[B, H, T, RowSize]</c>, or null.</summary>
    public float* Weights => weights;

    /// <summary>The maximum and the inverse sum of each row of scores, <c>[B, H, T, 2]</c>, or null.</summary>
    public float* RowSums => rowSums;

    /// <summary>How many floats it takes.</summary>
    public static long SizeFor(in AttentionShape shape, ActivationFormat format) =>
        shape.RowCount * (KeepsWeights(shape, format) ? shape.RowSize : 2);

    /// <summary>So many floats, seen as what this shape needs.</summary>
    public static AttentionMemory In(float* memory, in AttentionShape shape, ActivationFormat format) =>
        KeepsWeights(shape, format) ? new AttentionMemory(memory, null) : new AttentionMemory(null, memory);

    /// <summary>Who stores in 16 bits wants room more than time, and gets by with two floats a row.</summary>
    private static bool KeepsWeights(in AttentionShape shape, ActivationFormat format) =>
        shape.Positions <= LongestKept && format == ActivationFormat.Float32;
}
