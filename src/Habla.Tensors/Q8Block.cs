namespace Habla.Tensors;

/// <summary>
/// The block of the format q8_0: up to 32 neighbouring weights of a row as whole numbers q from −127 to 127 and one scale d, so that
/// a weight is d·q. The scale is a binary16 number: 11 significant bits times 7 of q fit the 24 of a float32, so d·q is exact.
/// </summary>
/// <remarks>
/// The arithmetic is that of llama.cpp, so that a file of its tools has the same blocks: δ = max|w| / 127 in float32, q = w·(1/δ)
/// rounded to the nearest with halves away from zero, d = δ rounded to binary16. A weight so moves by at most δ/2 and what d lost,
/// 2⁻¹¹ of it at most: by 0.0045·max|w| of its block, while max|w| ≥ 0.0078; below, d is a denormal and loses up to 3·10⁻⁸.
/// NaN, infinity or a number beyond 127·65,504 among the weights makes d infinite or NaN, and no weight of the block is a number then.
/// </remarks>
public static class Q8Block
{
    /// <summary>Weights that share a scale. The last block of a row may have fewer; files of llama.cpp have whole blocks only.</summary>
    public const int Size = 32;

    /// <summary>Rounds the weights of one block.</summary>
    /// <param name="weights">1 to <see cref="Size"/> neighbours of one row.</param>
    /// <param name="quantized">Receives q for each.</param>
    /// <returns>The scale d.</returns>
    /// <exception cref="ArgumentException">There are more than <see cref="Size"/> weights, or less room.</exception>
    public static Half Quantize(ReadOnlySpan<float> weights, Span<sbyte> quantized)
    {
        if (weights.Length > Size || quantized.Length < weights.Length)
        {
            throw new ArgumentException(
                $"{weights.Length} weights and room for {quantized.Length}: a block has at most {Size}", nameof(weights));
        }

        float most = 0;
        foreach (float weight in weights)
        {
            most = MathF.Max(most, MathF.Abs(weight)); // NaN if one is
        }

        float scale = most / 127f, inverse = scale > 0 ? 1f / scale : 0f;
        for (int i = 0; i < weights.Length; i++)
        {
            // Of NaN and infinity any q will do: d is not finite. The clamp keeps the conversion defined where 1/δ overflows.
            float rounded = MathF.Round(weights[i] * inverse, MidpointRounding.AwayFromZero);
            quantized[i] = float.IsNaN(rounded) ? (sbyte)1 : (sbyte)Math.Clamp(rounded, -127f, 127f);
        }

        return float.IsInfinity(most) ? Half.NaN : (Half)scale;
    }

    /// <summary>The numbers that rows of weights stand for once they are rounded: d·q.</summary>
    /// <param name="row">One row of a matrix, cut into blocks from its start.</param>
    /// <param name="rounded">Receives as many numbers; may be the row itself.</param>
    /// <exception cref="ArgumentException">There is less room than weights.</exception>
    public static void Round(ReadOnlySpan<float> row, Span<float> rounded)
    {
        if (rounded.Length < row.Length)
        {
            throw new ArgumentException($"{row.Length} weights and room for {rounded.Length}", nameof(rounded));
        }

        Span<sbyte> quantized = stackalloc sbyte[Size];
        for (int from = 0; from < row.Length; from += Size)
        {
            ReadOnlySpan<float> block = row.Slice(from, Math.Min(Size, row.Length - from));
            float scale = (float)Quantize(block, quantized);
            Span<float> target = rounded.Slice(from, block.Length);
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = scale * quantized[i];
            }
        }
    }
}
