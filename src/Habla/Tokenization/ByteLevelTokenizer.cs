using System.Text;
using Habla.BytePairs;

namespace Habla.Tokenization;

/// <summary>
/// A tokenizer over bytes: the 256 bytes plus merge rules that join them into longer pieces, within the words that a split pattern cuts.
/// No text is unknown to it, and every byte string comes back exactly.
/// </summary>
/// <remarks>Radford et al., "Language models are unsupervised multitask learners", 2019.</remarks>
public sealed class ByteLevelTokenizer : Tokenizer
{
    private readonly ByteLevelEncoder _encoder;
    private readonly Dictionary<int, byte[]> _names;
    private readonly Dictionary<int, (int Left, int Right)> _origins = [];

    /// <summary>Puts a tokenizer together from its parts.</summary>
    /// <param name="vocabulary">Tokens and rules; every id without bytes is an added token's.</param>
    /// <param name="pattern">Where no token may cross.</param>
    /// <param name="addedTokens">The tokens that stand for no text.</param>
    /// <param name="takesWholePieces">
    /// Whether a word that is a token becomes it at once, without the rules, as Llama 3 has it. Default false.
    /// </param>
    /// <exception cref="ArgumentException">The added tokens are not those ids of the vocabulary that have no bytes.</exception>
    public ByteLevelTokenizer(
        ByteVocabulary vocabulary, SplitPattern pattern, IReadOnlyList<AddedToken> addedTokens, bool takesWholePieces = false)
        : this(vocabulary, pattern, addedTokens, takesWholePieces, null, null)
    {
    }

    internal ByteLevelTokenizer(
        ByteVocabulary vocabulary, SplitPattern pattern, IReadOnlyList<AddedToken> addedTokens, bool takesWholePieces, int? begin,
        byte[]? file)
        : base(Checked(vocabulary, addedTokens), file, begin)
    {
        _encoder = new ByteLevelEncoder(vocabulary, pattern, takesWholePieces);
        _names = addedTokens.ToDictionary(token => token.Id, token => Encoding.UTF8.GetBytes(token.Content));
        foreach (ByteMerge merge in vocabulary.Merges)
        {
            _origins.TryAdd(merge.Joined, (merge.Left, merge.Right));
        }
    }

    /// <summary>Tokens and rules.</summary>
    public ByteVocabulary Vocabulary => _encoder.Vocabulary;

    /// <summary>Where no token may cross.</summary>
    public SplitPattern Pattern => _encoder.Pattern;

    /// <summary>Whether a word that is a token becomes it at once, without the rules.</summary>
    public bool TakesWholePieces => _encoder.TakesWholePieces;

    /// <inheritdoc/>
    public override int VocabularySize => Vocabulary.Size;

    /// <inheritdoc/>
    public override int MergeCount => Vocabulary.Merges.Count;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> BytesOf(int id) => _names.TryGetValue(id, out byte[]? name) ? name : Vocabulary.Bytes(id);

    /// <inheritdoc/>
    public override (int Left, int Right)? JoinedFrom(int id) => _origins.TryGetValue(id, out (int Left, int Right) sides) ? sides : null;

    /// <summary>Turns bytes into ids; they need not be UTF-8.</summary>
    /// <param name="bytes">Any bytes. Names of added tokens in them are ordinary text.</param>
    public int[] Encode(ReadOnlySpan<byte> bytes) => _encoder.Encode(bytes);

    /// <summary>A text with an unpaired surrogate, which no UTF-8 has, loses it: U+FFFD takes its place.</summary>
    private protected override int EncodeInto(List<int> ids, ReadOnlySpan<char> text)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        _encoder.EncodeTo(bytes, ids);
        return 0;
    }

    private protected override byte[] ToFile() => ByteLevelTokenizerFile.ToBytes(this);

    private static IReadOnlyList<AddedToken> Checked(ByteVocabulary vocabulary, IReadOnlyList<AddedToken> addedTokens)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentNullException.ThrowIfNull(addedTokens);
        IEnumerable<int> without = Enumerable.Range(0, vocabulary.Size).Where(vocabulary.IsSpecial);
        return without.SequenceEqual(addedTokens.Select(token => token.Id))
            ? addedTokens
            : throw new ArgumentException(
                $"the ids without bytes are {string.Join(", ", without)}, the added tokens' {string.Join(
                    ", ", addedTokens.Select(token => token.Id))}; they must be the same, in order", nameof(addedTokens));
    }
}
