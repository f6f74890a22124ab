using System.Buffers;
using System.Collections.Concurrent;

namespace Habla.BytePairs;

/// <summary>
/// Bytes to ids and back. The text is cut into pieces; in each, the earliest rule that applies joins two neighbours at its leftmost
/// place, until none applies. Every byte string comes back exactly. Several threads may use one encoder.
/// </summary>
/// <remarks>
/// A piece is looked up in the vocabulary as a whole only where that is asked for: a file may hold tokens that its rules do not lead to,
/// and then the ids are others than the rules give. A cache of pieces seen before is as quick and holds for any vocabulary.
/// </remarks>
public sealed class ByteLevelEncoder
{
    private const int Room = 4096;
    private readonly MergeTable _rules;
    private readonly ConcurrentBag<PieceCache> _caches = [];

    /// <summary>Prepares the rules.</summary>
    /// <param name="vocabulary">Tokens and rules.</param>
    /// <param name="pattern">Where no token may cross.</param>
    /// <param name="takesWholePieces">
    /// Whether a piece that is a token becomes it at once, without the rules, as Llama 3 has it. Default false.
    /// </param>
    public ByteLevelEncoder(ByteVocabulary vocabulary, SplitPattern pattern, bool takesWholePieces = false)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentNullException.ThrowIfNull(pattern);
        (Vocabulary, Pattern, TakesWholePieces) = (vocabulary, pattern, takesWholePieces);
        _rules = new MergeTable(vocabulary.Merges);
    }

    /// <summary>Tokens and rules.</summary>
    public ByteVocabulary Vocabulary { get; }

    /// <summary>Where no token may cross.</summary>
    public SplitPattern Pattern { get; }

    /// <summary>Whether a piece that is a token becomes it at once, without the rules.</summary>
    public bool TakesWholePieces { get; }

    /// <summary>The ids of a text.</summary>
    /// <param name="text">UTF-8, or any bytes. What looks like a special token's name is text like any other.</param>
    public int[] Encode(ReadOnlySpan<byte> text)
    {
        var ids = new List<int>((text.Length / 3) + 16);
        EncodeTo(text, ids);
        return [.. ids];
    }

    /// <summary>Adds the ids of a text to a list.</summary>
    /// <param name="text">UTF-8, or any bytes.</param>
    /// <param name="ids">The list.</param>
    public void EncodeTo(ReadOnlySpan<byte> text, List<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var writer = new IdListWriter(ids);
        EncodeTo(text, writer);
        writer.Close();
    }

    /// <summary>Writes the ids of a text.</summary>
    /// <param name="text">UTF-8, or any bytes.</param>
    /// <param name="output">Is asked for room for 4,096 ids at a time, or as many as the longest piece has bytes.</param>
    public void EncodeTo(ReadOnlySpan<byte> text, IBufferWriter<int> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (!_caches.TryTake(out PieceCache? cache))
        {
            cache = new PieceCache();
        }

        Span<int> room = default;
        int used = 0;
        while (!text.IsEmpty)
        {
            ReadOnlySpan<byte> piece = text[..Pattern.NextPiece(text)];
            if (room.Length - used < piece.Length)
            {
                output.Advance(used);
                room = output.GetSpan(Math.Max(Room, piece.Length));
                used = 0;
            }

            used += EncodePiece(piece, room[used..], cache);
            text = text[piece.Length..];
        }

        output.Advance(used);
        _caches.Add(cache);
    }

    /// <summary>The bytes that ids stand for; special tokens stand for none.</summary>
    /// <param name="ids">The ids.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    public byte[] Decode(ReadOnlySpan<int> ids)
    {
        var bytes = new ArrayBufferWriter<byte>(Math.Max(16, 4 * ids.Length));
        DecodeTo(ids, bytes);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Writes the bytes that ids stand for; special tokens stand for none.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="output">Where to.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    public void DecodeTo(ReadOnlySpan<int> ids, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        foreach (int id in ids)
        {
            output.Write(Vocabulary.Bytes(id));
        }
    }

    private int EncodePiece(ReadOnlySpan<byte> piece, Span<int> ids, PieceCache cache)
    {
        if (piece.Length == 1)
        {
            ids[0] = Vocabulary.ByteId(piece[0]);
            return 1;
        }

        bool isKept = piece.Length <= PieceCache.LongestPiece;
        if (isKept && cache.Find(piece, ids) is var known and > 0)
        {
            return known;
        }

        int count = 1;
        if (!TakesWholePieces || !Vocabulary.TryGetId(piece, out ids[0]))
        {
            count = JoinBytes(piece, ids[..piece.Length]);
        }

        if (isKept)
        {
            cache.Add(piece, ids[..count]);
        }

        return count;
    }

    private int JoinBytes(ReadOnlySpan<byte> piece, Span<int> ids)
    {
        for (int i = 0; i < piece.Length; i++)
        {
            ids[i] = Vocabulary.ByteId(piece[i]);
        }

        return _rules.Join(ids);
    }
}
