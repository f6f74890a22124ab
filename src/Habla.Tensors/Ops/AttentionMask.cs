namespace Habla.Tensors.Ops;

/// <summary>
/// What attention may look at besides the rule that no query sees a later key: which keys are real, and where the keys of each query
/// begin. The default hides nothing.
/// </summary>
public readonly ref struct AttentionMask
{
    /// <summary>A mask of both sorts.</summary>
    /// <param name="realKeys"><c>[B, T]</c>: false where a key is padding; empty when all are real.</param>
    /// <param name="firstKeys">
    /// <c>[B, T]</c>: the first position of its row that each query may see, from 0 to its own; empty when all see their row from the
    /// start. Several documents in one row are kept apart by it.
    /// </param>
    public AttentionMask(ReadOnlySpan<bool> realKeys, ReadOnlySpan<int> firstKeys = default)
    {
        RealKeys = realKeys;
        FirstKeys = firstKeys;
    }

    /// <summary><c>[B, T]</c>: false where a key is padding; empty when all are real.</summary>
    public ReadOnlySpan<bool> RealKeys { get; }

    /// <summary><c>[B, T]</c>: the first position that each query may see; empty when all see their row from the start.</summary>
    public ReadOnlySpan<int> FirstKeys { get; }

    /// <summary>A mask of padding alone.</summary>
    /// <param name="realKeys"><c>[B, T]</c>: false where a key is padding; null or empty when all are real.</param>
    public static implicit operator AttentionMask(bool[]? realKeys) => new(realKeys);

    /// <summary>A mask of padding alone.</summary>
    /// <param name="realKeys"><c>[B, T]</c>: false where a key is padding; empty when all are real.</param>
    public static implicit operator AttentionMask(ReadOnlySpan<bool> realKeys) => new(realKeys);

    /// <summary>A mask of padding alone.</summary>
    /// <param name="realKeys"><c>[B, T]</c>: false where a key is padding; empty when all are real.</param>
    public static implicit operator AttentionMask(Span<bool> realKeys) => new(realKeys);

    /// <summary>Refuses a mask that does not fit.</summary>
    /// <exception cref="ShapeException">
    /// A part has not B·T values, or a query's first key is before its row or behind the query.
    /// </exception>
    internal void Check(int batch, int positions)
    {
        int count = batch * positions;
        if ((RealKeys.Length != count && !RealKeys.IsEmpty) || (FirstKeys.Length != count && !FirstKeys.IsEmpty))
        {
            throw new ShapeException(
                $"causal attention: a mask of {RealKeys.Length} flags and {FirstKeys.Length} first keys does not fit [B = {batch}, T = "
                + $"{positions}]: each part has B × T = {count} values, or none");
        }

        for (int i = 0; i < FirstKeys.Length; i++)
        {
            if ((uint)FirstKeys[i] > (uint)(i % positions))
            {
                throw new ShapeException(
                    $"causal attention: the query at position {i % positions} of row {i / positions} begins to see at {FirstKeys[i]}; "
                    + $"expected 0 to {i % positions}");
            }
        }
    }
}
