using System.Globalization;
using System.Text;

namespace Habla.Tokenization;

/// <summary>
/// A tokenizer over characters: an alphabet plus merge rules that join its characters into longer pieces; without merges each character
/// is a token. What was encoded decodes to the same text exactly, unknown characters aside.
/// </summary>
public sealed class CharacterTokenizer : Tokenizer
{
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<Rune, int> _characters = [];
    private readonly Dictionary<int, (int Left, int Right)> _origins = [];
    private readonly byte[][] _bytes;
    private readonly BpeEncoder _encoder;

    /// <summary>Puts a tokenizer together from its parts.</summary>
    /// <param name="pieces">All pieces by id; with special tokens, the first four are <see cref="SpecialTokens.All"/>.</param>
    /// <param name="merges">The merge rules, first learned first; both sides and what comes of them are pieces.</param>
    /// <param name="specialTokens">Whether the first four pieces are the special tokens.</param>
    /// <exception cref="ArgumentException">The parts do not fit together.</exception>
    public CharacterTokenizer(IReadOnlyList<string> pieces, IReadOnlyList<MergeRule> merges, bool specialTokens = true)
        : this(pieces, merges, specialTokens, null)
    {
    }

    internal CharacterTokenizer(IReadOnlyList<string> pieces, IReadOnlyList<MergeRule> merges, bool specialTokens, byte[]? file)
        : base(specialTokens ? [.. SpecialTokens.All.Select((name, id) => new AddedToken(id, name))] : [], file)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        ArgumentNullException.ThrowIfNull(merges);
        Pieces = [.. pieces];
        Merges = [.. merges];
        if (specialTokens && !SpecialTokens.All.SequenceEqual(Pieces.Take(SpecialTokens.All.Count)))
        {
            throw new ArgumentException($"the first pieces are not {string.Join(' ', SpecialTokens.All)}", nameof(pieces));
        }

        for (int id = 0; id < Pieces.Count; id++)
        {
            AddPiece(id);
        }

        foreach (MergeRule rule in Merges)
        {
            AddMerge(rule);
        }

        _bytes = [.. Pieces.Select(Encoding.UTF8.GetBytes)];
        _encoder = new BpeEncoder(Merges, _ids);
    }

    /// <summary>All pieces by id.</summary>
    public IReadOnlyList<string> Pieces { get; }

    /// <summary>The merge rules, first learned first; none where each character is a token.</summary>
    public IReadOnlyList<MergeRule> Merges { get; }

    /// <inheritdoc/>
    public override int VocabularySize => Pieces.Count;

    /// <inheritdoc/>
    public override int MergeCount => Merges.Count;

    private int FirstTextId => AddedTokens.Count;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> BytesOf(int id) => _bytes[id];

    /// <inheritdoc/>
    public override (int Left, int Right)? JoinedFrom(int id) => _origins.TryGetValue(id, out (int Left, int Right) sides) ? sides : null;

    private protected override int EncodeInto(List<int> ids, ReadOnlySpan<char> text)
    {
        var pieces = new List<int>(text.Length);
        int unknown = 0, offset = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (!_characters.TryGetValue(rune, out int id))
            {
                id = UnknownId >= 0 ? UnknownId : throw UnknownCharacter(rune, offset);
                unknown++;
            }

            pieces.Add(id);
            offset += rune.Utf16SequenceLength;
        }

        _encoder.Apply(pieces);
        ids.AddRange(pieces);
        return unknown;
    }

    private protected override byte[] ToFile() => CharacterTokenizerFile.ToBytes(this);

    private void AddPiece(int id)
    {
        if (!_ids.TryAdd(Pieces[id], id))
        {
            throw new ArgumentException($"the piece \"{Pieces[id]}\" stands twice", nameof(id));
        }

        bool isText = id >= FirstTextId;
        if (isText && Rune.TryGetRuneAt(Pieces[id], 0, out Rune rune) && rune.Utf16SequenceLength == Pieces[id].Length)
        {
            _characters.Add(rune, id);
        }
    }

    private void AddMerge(MergeRule rule)
    {
        if (new[] { rule.Left, rule.Right, rule.Joined }.FirstOrDefault(piece => !IsTextPiece(piece)) is { } stranger)
        {
            throw new ArgumentException(
                $"the merge of \"{rule.Left}\" and \"{rule.Right}\" needs the piece \"{stranger}\"", nameof(rule));
        }

        _origins.TryAdd(_ids[rule.Joined], (_ids[rule.Left], _ids[rule.Right]));
    }

    private bool IsTextPiece(string piece) => _ids.TryGetValue(piece, out int id) && id >= FirstTextId;

    private static InvalidInputException UnknownCharacter(Rune rune, int offset) => new(
        string.Create(CultureInfo.InvariantCulture,
            $"the character '{rune}' (U+{rune.Value:X4}) at offset {offset} of the text is not in the tokenizer's ")
        + "alphabet, and the tokenizer has no <unk>; train one on text that has the character, or with special tokens.");
}
