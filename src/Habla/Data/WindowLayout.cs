namespace Habla.Data;

/// <summary>How many windows lie over a stream of tokens.</summary>
/// <param name="Length">Tokens of the stream, <c>N</c>.</param>
/// <param name="SequenceLength">Inputs in a window, <c>T</c>; a window also sees one token more, its last target.</param>
/// <param name="Stride">Tokens from the start of a window to the start of the next.</param>
/// <param name="CoverTail">Whether what is left behind the last whole window becomes a shorter one.</param>
internal readonly record struct WindowLayout(long Length, int SequenceLength, long Stride, bool CoverTail)
{
    /// <summary>The fewest tokens that a stream needs.</summary>
    public long Needed => CoverTail ? 2 : SequenceLength + 1L;

    /// <summary>Windows in all.</summary>
    public long Count
    {
        get
        {
            long whole = Length > SequenceLength ? ((Length - SequenceLength - 1) / Stride) + 1 : 0;
            long covered = whole == 0 ? 0 : ((whole - 1) * Stride) + SequenceLength;
            bool hasTail = CoverTail && covered < Length - 1 && whole * Stride < Length - 1;
            return whole + (hasTail ? 1 : 0);
        }
    }
}
