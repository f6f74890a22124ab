using static System.FormattableString;


namespace Habla.BytePairs;

/// <summary>
/// The tokens of byte-level BPE: what bytes each id stands for, and the rules that join them. Ids and the order of the rules are
/// independent of each other. Special tokens have ids here but no bytes, so no text ever becomes one and none ever becomes text.
/// </summary>
public sealed class ByteVocabulary
{
    private readonly byte[]?[] _tokens;
    private readonly ByteMerge[] _merges;
    private readonly int[] _byteIds = new int[256];
    private readonly Dictionary<byte[], int> _ids = new(ByteStringComparer.Instance);

    /// <summary>Takes tokens and rules, and checks that they fit together.</summary>
    /// <param name="tokens">The bytes of each id, from 0; null for a special token. Each of the 256 single bytes is one of them.</param>
    /// <param name="merges">The rules, the first to be applied first.</param>
    /// <exception cref="ArgumentException">
    /// Two ids have the same bytes, a token is empty, a single byte is missing, or a rule names an id that is not there, repeats an
    /// earlier one's sides, or its result is not its sides' bytes in a row; the message says which.
    /// </exception>
    public ByteVocabulary(IReadOnlyList<byte[]?> tokens, IReadOnlyList<ByteMerge> merges)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(merges);
        _tokens = [.. tokens];
        _merges = [.. merges];
        AddAll(tokens);
        for (int value = 0; value < _byteIds.Length; value++)
        {
            if (!TryGetId([(byte)value], out _byteIds[value]))
            {
                throw new ArgumentException(Invariant($"no token stands for the byte 0x{value:X2}; each of the 256 needs one"), nameof(tokens));
            }
        }

        CheckAll(merges);
    }

    /// <summary>Ids there are, <c>V</c>, special tokens included.</summary>
    public int Size => _tokens.Length;

    /// <summary>The rules, the first to be applied first.</summary>
    public IReadOnlyList<ByteMerge> Merges => _merges;

    /// <summary>The bytes an id stands for; none for a special token.</summary>
    /// <param name="id">The id.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public ReadOnlySpan<byte> Bytes(int id) => _tokens[Checked(id)];

    /// <summary>Whether an id is a special token's, which stands for no bytes.</summary>
    /// <param name="id">The id.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public bool IsSpecial(int id) => _tokens[Checked(id)] is null;

    /// <summary>The id of a single byte.</summary>
    /// <param name="value">The byte.</param>
    public int ByteId(byte value) => _byteIds[value];

    /// <summary>Finds the token with these bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="id">Its id.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGetId(ReadOnlySpan<byte> bytes, out int id) =>
        _ids.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(bytes, out id);

    private int Checked(int id) => (uint)id < (uint)_tokens.Length
        ? id
        : throw new ArgumentOutOfRangeException(nameof(id), id, Invariant($"expected an id from 0 to {_tokens.Length - 1}"));

    private string Name(int id) => $"{id} (\"{ByteAlphabet.Write(_tokens[id])}\")";

    private void AddAll(IReadOnlyList<byte[]?> tokens)
    {
        for (int id = 0; id < _tokens.Length; id++)
        {
            if (_tokens[id] is not { } bytes)
            {
                continue;
            }

            if (bytes.Length == 0)
            {
                throw new ArgumentException(Invariant($"the token {id} has no bytes"), nameof(tokens));
            }

            if (!_ids.TryAdd(bytes, id))
            {
                throw new ArgumentException($"the tokens {Name(_ids[bytes])} and {Name(id)} have the same bytes", nameof(tokens));
            }
        }
    }

    private void CheckAll(IReadOnlyList<ByteMerge> merges)
    {
        var pairs = new Dictionary<(int Left, int Right), int>();
        for (int rank = 0; rank < merges.Count; rank++)
        {
            (int left, int right, int joined) = merges[rank];
            foreach (int id in (ReadOnlySpan<int>)[left, right, joined])
            {
                if ((uint)id >= (uint)_tokens.Length || _tokens[id] is null)
                {
                    throw new ArgumentException(Invariant($"the merge {rank} names the id {id}, which stands for no bytes"), nameof(merges));
                }
            }

            if (!_tokens[joined]!.SequenceEqual([.. _tokens[left]!, .. _tokens[right]!]))
            {
                throw new ArgumentException(
                    Invariant($"the merge {rank} joins {Name(left)} and {Name(right)} to {Name(joined)}, whose bytes are others"),
                    nameof(merges));
            }

            if (!pairs.TryAdd((left, right), rank))
            {
                throw new ArgumentException(
                    Invariant($"the merges {pairs[(left, right)]} and {rank} join the same two, {Name(left)} and {Name(right)}"),
                    nameof(merges));
            }
        }
    }
}
