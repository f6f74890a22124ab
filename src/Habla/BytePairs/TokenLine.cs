namespace Habla.BytePairs;

/// <summary>
/// All distinct words as tokens, in one array with a place a byte and a border between words. A token's id stands at its first and
/// its last byte, so both neighbours are found from its place and the lengths of tokens, without links to them.
/// </summary>
internal sealed class TokenLine
{
    /// <summary>What stands between words.</summary>
    public const int Border = -1;

    private const int Inside = -2;
    private readonly Slot[] _slots;
    private readonly long[] _times;

    /// <param name="words">The words; those of one byte are left out, they have no pairs.</param>
    /// <param name="byteId">The id of a byte.</param>
    public TokenLine(WordCounts words, Func<byte, int> byteId)
    {
        long length = words.Bytes + words.Count + 1;
        if (length > Array.MaxLength)
        {
            throw new InvalidInputException(
                "the distinct words of the text have more than two gigabytes together; train the tokenizer on a part of it");
        }

        int[] ids = [.. Enumerable.Range(0, 256).Select(value => byteId((byte)value))];
        _slots = new Slot[length];
        _times = new long[words.Count];
        _slots[0] = new Slot(Border, 0);
        int at = 1;
        for (int index = 0; index < words.Count; index++)
        {
            ReadOnlySpan<byte> word = words.Word(index);
            _times[index] = words.Times(index);
            if (word.Length < 2)
            {
                continue;
            }

            foreach (byte value in word)
            {
                _slots[at++] = new Slot(ids[value], index);
            }

            _slots[at++] = new Slot(Border, index);
        }

        Length = at;
    }

    /// <summary>Places there are.</summary>
    public int Length { get; }

    /// <summary>The id of the token that begins or ends at a place; negative within a token and between words.</summary>
    public int this[int place] => _slots[place].Id;

    /// <summary>How often the word of a place occurs in the text.</summary>
    public long Times(int place) => _times[_slots[place].Word];

    /// <summary>Puts one token where two neighbours were.</summary>
    /// <param name="place">Where the first begins.</param>
    /// <param name="leftLength">Its bytes.</param>
    /// <param name="rightLength">The second's bytes.</param>
    /// <param name="id">The token.</param>
    public void Join(int place, int leftLength, int rightLength, int id)
    {
        int middle = place + leftLength;
        _slots[middle - 1].Id = Inside;
        _slots[middle].Id = Inside;
        _slots[place].Id = id;
        _slots[middle + rightLength - 1].Id = id;
    }

    private record struct Slot(int Id, int Word);
}
