namespace Habla.Tensors;

/// <summary>Searching numbers.</summary>
public static class SpanExtensions
{
    /// <summary>The place of the first NaN or infinity; −1 when every number is finite.</summary>
    /// <param name="values">Any numbers.</param>
    public static int IndexOfAnyNonFinite(this ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                return i;
            }
        }

        return -1;
    }

    /// <inheritdoc cref="IndexOfAnyNonFinite(ReadOnlySpan{float})"/>
    public static int IndexOfAnyNonFinite(this Span<float> values) => IndexOfAnyNonFinite((ReadOnlySpan<float>)values);
}
