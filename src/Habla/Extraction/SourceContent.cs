namespace Habla.Extraction;

/// <summary>A file, or a member of an archive, that is to be read.</summary>
internal sealed class SourceContent
{
    private const int HeadBytes = 1 << 16;

    private readonly byte[] _head;
    private byte[]? _bytes;

    private SourceContent(string name, string? path, long length, byte[] head, byte[]? bytes)
    {
        Name = name;
        Path = path;
        Length = length;
        _head = head;
        _bytes = bytes;
    }

    /// <summary>The file's name or the member's name in its archive.</summary>
    public string Name { get; }

    /// <summary>The file's full path; null for a member.</summary>
    public string? Path { get; }

    /// <summary>How many bytes it has.</summary>
    public long Length { get; }

    /// <summary>The first bytes, all of them when it is small.</summary>
    public ReadOnlySpan<byte> Head => _head.AsSpan(0, Math.Min(_head.Length, HeadBytes));

    /// <summary>Opens a file and reads its beginning.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static SourceContent OfFile(string path)
    {
        string full = System.IO.Path.GetFullPath(path);
        using var file = new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        byte[] head = new byte[(int)Math.Min(HeadBytes, file.Length)];
        int read = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        Array.Resize(ref head, read);
        return new SourceContent(System.IO.Path.GetFileName(full), full, file.Length, head, file.Length == read ? head : null);
    }

    /// <summary>A member of an archive, unpacked.</summary>
    public static SourceContent OfMember(string name, byte[] bytes) => new(name, null, bytes.Length, bytes, bytes);

    /// <summary>All bytes; kept, so that asking twice reads once.</summary>
    public byte[] Bytes() => _bytes ??= File.ReadAllBytes(Path!);

    /// <summary>The bytes as a stream that can seek.</summary>
    public Stream OpenRead() =>
        _bytes is null ? new FileStream(Path!, FileMode.Open, FileAccess.Read, FileShare.ReadWrite)
            : new MemoryStream(_bytes, writable: false);
}
