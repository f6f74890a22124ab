using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Habla.Storage;

namespace Habla.Tokenization;

/// <summary>
/// Text to token ids and back. A tokenizer is an alphabet of characters plus merge rules that join them into longer pieces; a
/// character tokenizer is one without merges. What was encoded decodes to the same text exactly, unknown characters aside.
/// </summary>
public sealed class Tokenizer
{
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<Rune, int> _characters = [];
    private readonly BpeEncoder _encoder;
    private readonly byte[] _file;

    /// <summary>Puts a tokenizer together from its parts.</summary>
    /// <param name="pieces">All pieces by id; with special tokens, the first four are <see cref="SpecialTokens.All"/>.</param>
    /// <param name="merges">The merge rules, first learned first; both sides and what comes of them are pieces.</param>
    /// <param name="specialTokens">Whether the first four pieces are the special tokens.</param>
    /// <exception cref="ArgumentException">The parts do not fit together.</exception>
    public Tokenizer(IReadOnlyList<string> pieces, IReadOnlyList<MergeRule> merges, bool specialTokens = true)
        : this(pieces, merges, specialTokens, null)
    {
    }

    private Tokenizer(IReadOnlyList<string> pieces, IReadOnlyList<MergeRule> merges, bool specialTokens, byte[]? file)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        ArgumentNullException.ThrowIfNull(merges);
        Pieces = [.. pieces];
        Merges = [.. merges];
        HasSpecialTokens = specialTokens;
        if (specialTokens && !SpecialTokens.All.SequenceEqual(Pieces.Take(SpecialTokens.All.Count)))
        {
            throw new ArgumentException($"the first pieces are not {string.Join(' ', SpecialTokens.All)}", nameof(pieces));
        }

        for (int id = 0; id < Pieces.Count; id++)
        {
            if (!_ids.TryAdd(Pieces[id], id))
            {
                throw new ArgumentException($"the piece \"{Pieces[id]}\" stands twice", nameof(pieces));
            }

            bool isText = id >= FirstTextId;
            if (isText && Rune.TryGetRuneAt(Pieces[id], 0, out Rune rune) && rune.Utf16SequenceLength == Pieces[id].Length)
            {
                _characters.Add(rune, id);
            }
        }

        foreach (MergeRule rule in Merges)
        {
            if (new[] { rule.Left, rule.Right, rule.Joined }.FirstOrDefault(piece => !IsTextPiece(piece)) is { } stranger)
            {
                throw new ArgumentException(
                    $"the merge of \"{rule.Left}\" and \"{rule.Right}\" needs the piece \"{stranger}\"", nameof(merges));
            }
        }

        _encoder = new BpeEncoder(Merges, _ids);
        _file = file ?? TokenizerFile.ToBytes(this);
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(_file));
    }

    /// <summary>All pieces by id.</summary>
    public IReadOnlyList<string> Pieces { get; }

    /// <summary>The merge rules, first learned first; none for a character tokenizer.</summary>
    public IReadOnlyList<MergeRule> Merges { get; }

    /// <summary>
    /// Whether ids 0 to 3 are <c>&lt;pad&gt; &lt;bos&gt; &lt;eos&gt; &lt;unk&gt;</c>. Without them an unknown character is an error.
    /// </summary>
    public bool HasSpecialTokens { get; }

    /// <summary>The number of tokens, <c>V</c>.</summary>
    public int VocabularySize => Pieces.Count;

    /// <summary>The id that fills a sequence up, or -1 without special tokens.</summary>
    public int PadId => HasSpecialTokens ? 0 : -1;

    /// <summary>The id that begins a sequence, or -1 without special tokens.</summary>
    public int BosId => HasSpecialTokens ? 1 : -1;

    /// <summary>The id that ends a sequence, or -1 without special tokens.</summary>
    public int EosId => HasSpecialTokens ? 2 : -1;

    /// <summary>The id of a character outside the alphabet, or -1 without special tokens.</summary>
    public int UnknownId => HasSpecialTokens ? 3 : -1;

    /// <summary>SHA-256 of the tokenizer file's bytes, as 64 hexadecimal digits.</summary>
    public string Fingerprint { get; }

    private int FirstTextId => HasSpecialTokens ? SpecialTokens.All.Count : 0;

    /// <summary>Reads a <c>tokenizer.json</c>.</summary>
    /// <param name="path">A file written by <see cref="Save"/>, or by another program in the same format.</param>
    /// <exception cref="InvalidInputException">The file is missing, damaged, or asks for something that Habla does not do.</exception>
    public static Tokenizer Load(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(
                $"cannot read the tokenizer {path}: {error.Message} Make one with `habla tokenizer train`, or name another file.", error);
        }

        TokenizerFile.Parts parts = TokenizerFile.Parse(bytes, path);
        try
        {
            return new Tokenizer(parts.Pieces, parts.Merges, parts.SpecialTokens, bytes);
        }
        catch (ArgumentException error)
        {
            throw TokenizerFile.Damaged(path, error.Message);
        }
    }

    /// <summary>Writes the tokenizer as a <c>tokenizer.json</c>; one that was loaded keeps its file's bytes.</summary>
    /// <param name="path">The file to create or replace, atomically.</param>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public void Save(string path) => AtomicFile.Write(path, stream => stream.Write(_file));

    /// <summary>Turns text into ids, without tokens that begin or end a sequence.</summary>
    /// <param name="text">Any text. Names of special tokens in it are ordinary characters.</param>
    /// <returns>The ids and how many characters were unknown.</returns>
    /// <exception cref="InvalidInputException">A character is unknown and the tokenizer has no special tokens.</exception>
    public EncodedText Encode(string text)
    {
        int[] ids = Encode(text, out int unknownCount);
        return new EncodedText(ids, unknownCount);
    }

    /// <summary>Turns text into ids, without tokens that begin or end a sequence.</summary>
    /// <param name="text">Any text. Names of special tokens in it are ordinary characters.</param>
    /// <param name="unknownCount">How many characters became <c>&lt;unk&gt;</c>.</param>
    /// <exception cref="InvalidInputException">A character is unknown and the tokenizer has no special tokens.</exception>
    public int[] Encode(string text, out int unknownCount)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>(text.Length);
        unknownCount = 0;
        int offset = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (!_characters.TryGetValue(rune, out int id))
            {
                id = HasSpecialTokens ? UnknownId : throw UnknownCharacter(rune, offset);
                unknownCount++;
            }

            ids.Add(id);
            offset += rune.Utf16SequenceLength;
        }

        _encoder.Apply(ids);
        return [.. ids];
    }

    /// <summary>Turns ids into text.</summary>
    /// <param name="ids">Token ids, each below <see cref="VocabularySize"/>.</param>
    /// <param name="skipSpecial">Whether special tokens are left out; otherwise their names appear. Default true.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial = true)
    {
        var text = new StringBuilder();
        foreach (int id in ids)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(id, nameof(ids));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, VocabularySize, nameof(ids));
            if (!skipSpecial || id >= FirstTextId)
            {
                text.Append(Pieces[id]);
            }
        }

        return text.ToString();
    }

    private bool IsTextPiece(string piece) => _ids.TryGetValue(piece, out int id) && id >= FirstTextId;

    private static InvalidInputException UnknownCharacter(Rune rune, int offset) => new(
        string.Create(CultureInfo.InvariantCulture,
            $"the character '{rune}' (U+{rune.Value:X4}) at offset {offset} of the text is not in the tokenizer's ")
        + "alphabet, and the tokenizer has no <unk>; train one on text that has the character, or with special tokens.");
}
