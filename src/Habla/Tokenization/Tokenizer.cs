using System.Security.Cryptography;
using System.Text;
using Habla.Storage;

namespace Habla.Tokenization;

/// <summary>
/// Text to token ids and back. Two kinds: <see cref="CharacterTokenizer"/>, whose pieces are made of the characters it was trained on,
/// and bytes, whose pieces are made of bytes, so that no text is unknown to it.
/// </summary>
public abstract class Tokenizer
{
    private readonly Lazy<byte[]> _file;
    private readonly Lazy<string> _fingerprint;
    private readonly AddedTokenSplitter _splitter;
    private readonly HashSet<int> _skipped;

    /// <param name="addedTokens">The tokens that stand for no text.</param>
    /// <param name="file">The bytes of the file it was read from; null for one that was made here.</param>
    /// <param name="begin">The token that the file puts before every text; null (the default) where it puts none.</param>
    private protected Tokenizer(IReadOnlyList<AddedToken> addedTokens, byte[]? file, int? begin = null)
    {
        AddedTokens = addedTokens;
        var named = SpecialIds.Of(addedTokens);
        (Special, BeginsTexts) = (named with { Bos = begin ?? named.Bos }, begin is not null);
        _splitter = new AddedTokenSplitter(addedTokens);
        _skipped = [.. addedTokens.Where(token => token.IsSpecial).Select(token => token.Id)];
        _file = new Lazy<byte[]>(() => file ?? ToFile());
        _fingerprint = new Lazy<string>(() => Convert.ToHexStringLower(SHA256.HashData(_file.Value)));
    }

    /// <summary>The number of tokens, <c>V</c>.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>How many merges it knows; 0 for one whose tokens are single characters.</summary>
    public abstract int MergeCount { get; }

    /// <summary>The tokens that stand for no text, by id.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; }

    /// <summary>Whether it has tokens that begin and end a sequence.</summary>
    public bool HasSpecialTokens => BosId >= 0 && EosId >= 0;

    /// <summary>The id that fills a sequence up, or -1 without one.</summary>
    public int PadId => Special.Pad;

    /// <summary>The id that begins a sequence, or -1 without one.</summary>
    public int BosId => Special.Bos;

    /// <summary>
    /// Whether the file it was read from puts <see cref="BosId"/> before every text, as Llama 3's does; encoding here never does.
    /// </summary>
    public bool BeginsTexts { get; }

    /// <summary>The id that ends a sequence, or -1 without one.</summary>
    public int EosId => Special.Eos;

    /// <summary>The id of a character outside the alphabet, or -1 without one.</summary>
    public int UnknownId => Special.Unknown;

    /// <summary>SHA-256 of the tokenizer file's bytes, as 64 hexadecimal digits.</summary>
    public string Fingerprint => _fingerprint.Value;

    internal SpecialIds Special { get; private set; }

    /// <summary>Reads a tokenizer.</summary>
    /// <param name="path">
    /// A <c>tokenizer.json</c> written by <see cref="Save"/> or by another program in the same format, or GPT-2's <c>vocab.json</c> with
    /// its <c>merges.txt</c> beside it.
    /// </param>
    /// <exception cref="InvalidInputException">The file is missing, damaged, or asks for something that Habla does not do.</exception>
    public static Tokenizer Load(string path) => TokenizerFile.Read(path);

    /// <summary>Writes the tokenizer as a <c>tokenizer.json</c>; one that was loaded keeps its file's bytes.</summary>
    /// <param name="path">The file to create or replace, atomically.</param>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public void Save(string path) => AtomicFile.Write(path, stream => stream.Write(_file.Value));

    /// <summary>The same tokenizer, in which other added tokens begin, end or fill up a sequence.</summary>
    /// <param name="special">The ids of added tokens; -1 for none.</param>
    internal Tokenizer With(SpecialIds special)
    {
        var copy = (Tokenizer)MemberwiseClone();
        copy.Special = special;
        return copy;
    }

    /// <summary>Turns text into ids, without tokens that begin or end a sequence.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="allowSpecial">
    /// Whether the names of added tokens in the text become those tokens. Default false: then they are ordinary characters, and no text
    /// can end a sequence or begin one.
    /// </param>
    /// <returns>The ids and how many characters were unknown.</returns>
    /// <exception cref="InvalidInputException">A character is unknown and the tokenizer has no <c>&lt;unk&gt;</c>.</exception>
    public EncodedText Encode(string text, bool allowSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>((text.Length / 2) + 1);
        int unknown = 0;
        if (allowSpecial)
        {
            _splitter.Split(text, stretch => unknown += EncodeInto(ids, stretch), token => ids.Add(token.Id));
        }
        else
        {
            unknown = EncodeInto(ids, text);
        }

        return new EncodedText([.. ids], unknown);
    }

    /// <summary>Turns text into ids, without tokens that begin or end a sequence.</summary>
    /// <param name="text">Any text. Names of added tokens in it are ordinary characters.</param>
    /// <param name="unknownCount">How many characters became <c>&lt;unk&gt;</c>.</param>
    /// <exception cref="InvalidInputException">A character is unknown and the tokenizer has no <c>&lt;unk&gt;</c>.</exception>
    public int[] Encode(string text, out int unknownCount)
    {
        EncodedText encoded = Encode(text);
        unknownCount = encoded.UnknownCount;
        return encoded.Ids;
    }

    /// <summary>Turns ids into text; bytes that are no UTF-8 become U+FFFD.</summary>
    /// <param name="ids">Token ids, each below <see cref="VocabularySize"/>.</param>
    /// <param name="skipSpecial">Whether special tokens are left out; otherwise their names appear. Default true.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial = true) => Encoding.UTF8.GetString(DecodeBytes(ids, skipSpecial));

    /// <summary>Turns ids into the UTF-8 bytes they stand for. A single token may be half a character.</summary>
    /// <param name="ids">Token ids, each below <see cref="VocabularySize"/>.</param>
    /// <param name="skipSpecial">Whether special tokens are left out; otherwise their names appear. Default true.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    public byte[] DecodeBytes(ReadOnlySpan<int> ids, bool skipSpecial = true)
    {
        using var bytes = new MemoryStream();
        foreach (int id in ids)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(id, nameof(ids));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, VocabularySize, nameof(ids));
            if (!skipSpecial || !_skipped.Contains(id))
            {
                bytes.Write(BytesOf(id));
            }
        }

        return bytes.ToArray();
    }

    /// <summary>The UTF-8 bytes that a token stands for; of an added token, its name.</summary>
    /// <param name="id">A token id below <see cref="VocabularySize"/>.</param>
    public abstract ReadOnlySpan<byte> BytesOf(int id);

    /// <summary>Which two tokens a token was joined from when it was learned; null for one that is no merge.</summary>
    /// <param name="id">A token id below <see cref="VocabularySize"/>.</param>
    public abstract (int Left, int Right)? JoinedFrom(int id);

    /// <summary>A token as people read it: its text, and bytes that are no whole characters as <c>\xE2</c>.</summary>
    /// <param name="id">A token id below <see cref="VocabularySize"/>.</param>
    public string Piece(int id) => ReadableBytes.Of(BytesOf(id));

    /// <summary>Appends a text's ids; the answer is how many characters were unknown.</summary>
    private protected abstract int EncodeInto(List<int> ids, ReadOnlySpan<char> text);

    private protected abstract byte[] ToFile();
}
