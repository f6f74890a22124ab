using System.Globalization;

namespace Habla.Data.Shards;

/// <summary>
/// Windows that slide over the tokens of shards, as <see cref="WindowDataset"/>'s do over a text in memory: at stride 1 there are N - T,
/// those that reach from one shard into the next included. The order of an epoch is computed, not kept.
/// </summary>
public sealed class ShardDataset : SequenceDataset
{
    private readonly long _stride;
    private readonly bool _separatesDocuments;

    /// <summary>Lays windows over shards.</summary>
    /// <param name="shards">The shards; the data set does not close them.</param>
    /// <param name="sequenceLength">Inputs in a window, <c>T</c>; at least 1.</param>
    /// <param name="stride">Tokens from the start of a window to the start of the next; at least 1. Default 1.</param>
    /// <param name="separatesDocuments">Whether no window looks from one document into another. Default false.</param>
    /// <param name="coverTail">
    /// Whether what is left behind the last whole window becomes a shorter one, padded under masks. Default false.
    /// </param>
    /// <param name="padId">The token that fills up the last window; the masks keep it from mattering. Default 0.</param>
    /// <exception cref="InvalidInputException">There are too few tokens for one window.</exception>
    public ShardDataset(
        TokenShards shards, int sequenceLength, long stride = 1, bool separatesDocuments = false, bool coverTail = false, int padId = 0)
        : base(sequenceLength, padId)
    {
        ArgumentNullException.ThrowIfNull(shards);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stride);
        (Shards, _stride, _separatesDocuments) = (shards, stride, separatesDocuments);
        var layout = new WindowLayout(shards.Length, sequenceLength, stride, coverTail);
        if (shards.Length < layout.Needed)
        {
            throw new InvalidInputException(string.Create(
                CultureInfo.InvariantCulture,
                $"{shards.Path}: the shards have {shards.Length} tokens, but one window of model.max_seq_len {sequenceLength} ")
                + string.Create(CultureInfo.InvariantCulture, $"needs {layout.Needed}; ") + "use more text or shorter windows.");
        }

        Count = layout.Count;
    }

    /// <summary>The shards.</summary>
    public TokenShards Shards { get; }

    /// <inheritdoc/>
    public override long Count { get; }

    /// <inheritdoc/>
    public override bool SeparatesDocuments => _separatesDocuments;

    private protected override bool OrdersOnTheFly => true;

    /// <summary>
    /// Windows side by side, so that each token but the first is a target exactly once (or less, kept apart by document).
    /// </summary>
    /// <param name="shards">The shards.</param>
    /// <param name="sequenceLength">Inputs in a window, <c>T</c>.</param>
    /// <param name="separatesDocuments">Whether no window looks from one document into another.</param>
    /// <param name="padId">The token that fills up the last window.</param>
    /// <param name="atMost">
    /// The most windows; of more, as many are taken at equal distances, so that they stand for the whole. Default all.
    /// </param>
    public static ShardDataset ForEvaluation(
        TokenShards shards, int sequenceLength, bool separatesDocuments, int padId, long atMost = long.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(shards);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(atMost);
        bool isAll = (shards.Length - 1) / sequenceLength < atMost;
        return new ShardDataset(
            shards, sequenceLength, isAll ? sequenceLength : ((shards.Length - 1) / atMost) + 1, separatesDocuments, coverTail: isAll,
            padId);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<int> Sequence(long index, Span<int> room)
    {
        Span<int> window = room[..LengthOf(index)];
        Shards.Copy(index * _stride, window);
        return window;
    }

    private protected override ReadOnlySpan<bool> DocumentBeginnings(long index)
    {
        bool[] beginnings = new bool[LengthOf(index)];
        Shards.CopyBeginnings(index * _stride, beginnings);
        return beginnings;
    }

    private int LengthOf(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return (int)Math.Min(SequenceLength + 1L, Shards.Length - (index * _stride));
    }
}
