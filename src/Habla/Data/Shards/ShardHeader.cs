using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Habla.Data.Shards;

/// <summary>
/// The first 4,096 bytes of a shard, which say all that is needed to know where everything else is (docs/formats.md). A header is written
/// last, so a file without one was never finished; it carries a hash of itself and one of everything behind it.
/// </summary>
internal sealed record ShardHeader
{
    /// <summary>Bytes of the header, and where the ids begin: a page, so that they are aligned for any width.</summary>
    public const int Size = 4096;

    /// <summary>The version that is written, and the only one that is read.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The largest vocabulary whose ids take 2 bytes.</summary>
    public const int LargestOfTwoBytes = 65_536;

    /// <summary>Bytes of an entry of the table of documents: two numbers of 8 bytes.</summary>
    public const int EntrySize = 16;

    private const int HashSize = 32, TokenizerAt = 64, ContentAt = 96, HashAt = 128, EndOfFields = 160;
    private const uint ContinuesFlag = 1;

    /// <summary>The number of tokens that the tokenizer has; every id is below.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>The id at the end of each document, or -1 for none.</summary>
    public required int SeparatorId { get; init; }

    /// <summary>Tokens in the file.</summary>
    public required long Tokens { get; init; }

    /// <summary>Documents of which at least one token is in the file.</summary>
    public required long Documents { get; init; }

    /// <summary>Bytes of the documents' ids.</summary>
    public required long NameBytes { get; init; }

    /// <summary>Whether the first document began in the shard before.</summary>
    public required bool Continues { get; init; }

    /// <summary>Which shard of its folder it is, from 0.</summary>
    public required int Number { get; init; }

    /// <summary>SHA-256 of the tokenizer, 64 hexadecimal digits.</summary>
    public required string TokenizerSha256 { get; init; }

    /// <summary>SHA-256 of everything behind the header, 64 hexadecimal digits.</summary>
    public required string ContentSha256 { get; init; }

    /// <summary>Bytes of an id: 2 for a vocabulary of up to 65,536, otherwise 4.</summary>
    public int IdSize => IdSizeOf(VocabularySize);

    /// <summary>Where the table of documents begins: behind the ids, at a multiple of 8.</summary>
    public long TableOffset => (Size + (Tokens * IdSize) + 7) / 8 * 8;

    /// <summary>Where the documents' ids begin.</summary>
    public long NamesOffset => TableOffset + ((Documents + 1) * EntrySize);

    /// <summary>The file's length.</summary>
    public long FileLength => NamesOffset + NameBytes;

    private static ReadOnlySpan<byte> Magic => "HABLASHD"u8;

    /// <summary>Bytes of an id of a vocabulary.</summary>
    public static int IdSizeOf(int vocabularySize) => vocabularySize <= LargestOfTwoBytes ? 2 : 4;

    /// <summary>The header's bytes.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[Size];
        Span<byte> span = bytes;
        Magic.CopyTo(span);
        BinaryPrimitives.WriteUInt32LittleEndian(span[8..], CurrentVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(span[12..], (uint)IdSize);
        BinaryPrimitives.WriteInt32LittleEndian(span[16..], VocabularySize);
        BinaryPrimitives.WriteInt32LittleEndian(span[20..], SeparatorId);
        BinaryPrimitives.WriteInt64LittleEndian(span[24..], Tokens);
        BinaryPrimitives.WriteInt64LittleEndian(span[32..], Documents);
        BinaryPrimitives.WriteInt64LittleEndian(span[40..], NameBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(span[48..], Continues ? ContinuesFlag : 0);
        BinaryPrimitives.WriteInt32LittleEndian(span[52..], Number);
        BinaryPrimitives.WriteInt64LittleEndian(span[56..], FileLength);
        Convert.FromHexString(TokenizerSha256).CopyTo(span[TokenizerAt..]);
        Convert.FromHexString(ContentSha256).CopyTo(span[ContentAt..]);
        SHA256.HashData(span[..HashAt], span[HashAt..]);
        return bytes;
    }

    /// <summary>Reads a header; nothing that it claims is used before it was held against the file's length.</summary>
    /// <param name="bytes">The first bytes of the file, up to <see cref="Size"/>.</param>
    /// <param name="fileLength">The file's length.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="InvalidInputException">It is no shard, of another version, unfinished or damaged.</exception>
    public static ShardHeader Parse(ReadOnlySpan<byte> bytes, long fileLength, string path)
    {
        if (bytes.Length < Size)
        {
            throw Refused(path, $"it has {bytes.Length} bytes, and a shard's header alone has {Size}");
        }

        if (!bytes[..8].ContainsAnyExcept((byte)0))
        {
            throw Refused(path, "its header is empty: it was never finished");
        }

        if (!bytes.StartsWith(Magic))
        {
            throw Refused(path, "it does not begin with HABLASHD: it is no shard");
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (version != CurrentVersion)
        {
            throw Refused(path, $"it has version {version} of the format, and this Habla reads version {CurrentVersion}");
        }

        if (!SHA256.HashData(bytes[..HashAt]).AsSpan().SequenceEqual(bytes.Slice(HashAt, HashSize))
            || bytes[EndOfFields..Size].ContainsAnyExcept((byte)0))
        {
            throw Refused(path, "its header is damaged");
        }

        var header = new ShardHeader
        {
            VocabularySize = BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
            SeparatorId = BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]),
            Tokens = BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            Documents = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            NameBytes = BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            Continues = BinaryPrimitives.ReadUInt32LittleEndian(bytes[48..]) == ContinuesFlag,
            Number = BinaryPrimitives.ReadInt32LittleEndian(bytes[52..]),
            TokenizerSha256 = Convert.ToHexStringLower(bytes.Slice(TokenizerAt, HashSize)),
            ContentSha256 = Convert.ToHexStringLower(bytes.Slice(ContentAt, HashSize)),
        };
        if (header.FindProblem(bytes, fileLength) is { } problem)
        {
            throw Refused(path, problem);
        }

        return header;
    }

    /// <summary>What to say of a file that cannot be used.</summary>
    public static InvalidInputException Refused(string path, string problem) =>
        new($"{path}: {problem}; make the shards again with habla tokenizer encode --out.");

    private string? FindProblem(ReadOnlySpan<byte> bytes, long fileLength)
    {
        bool isPossible = VocabularySize > 0 && SeparatorId >= -1 && SeparatorId < VocabularySize && Number >= 0
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) == IdSize
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[48..]) <= ContinuesFlag;

        // Each number is below the file's length, so that their products and sums cannot overflow.
        bool fits = isPossible && Tokens > 0 && Tokens <= fileLength && Documents > 0 && Documents <= Tokens
            && NameBytes >= 0 && NameBytes <= fileLength;
        return !fits ? "its header claims what no shard of its length has"
            : BinaryPrimitives.ReadInt64LittleEndian(bytes[56..]) != FileLength ? "its header contradicts itself"
            : FileLength != fileLength ? $"it has {fileLength} bytes, and its header says {FileLength}: it was cut off or added to"
            : null;
    }
}
