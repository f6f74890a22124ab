using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Habla.Data.Shards;

/// <summary>
/// One shard, read by memory map: the system brings in the pages that are looked at and takes them away when memory is short. Every
/// place is checked against the file's length before it is read, so no file can lead outside of the map.
/// </summary>
internal sealed class ShardFile : IDisposable
{
    private const int EntriesAtOnce = 4096;

    private readonly FileStream _stream;
    private MemoryMappedFile? _map;
    private MemoryMappedViewAccessor? _view;

    private ShardFile(string path, FileStream stream, ShardHeader header, string headerSha256) =>
        (Path, _stream, Header, HeaderSha256) = (path, stream, header, headerSha256);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What its header says.</summary>
    public ShardHeader Header { get; }

    /// <summary>SHA-256 of the header.</summary>
    public string HeaderSha256 { get; }

    /// <summary>Opens a shard and checks its header and its table of documents; its ids are checked as they are read.</summary>
    /// <exception cref="InvalidInputException">It cannot be read, or is no sound shard.</exception>
    public static ShardFile Open(string path)
    {
        FileStream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
            byte[] bytes = new byte[(int)Math.Min(ShardHeader.Size, stream.Length)];
            stream.ReadExactly(bytes);
            ShardHeader header = ShardHeader.Parse(bytes, stream.Length, path);
            var file = new ShardFile(path, stream, header, Convert.ToHexStringLower(SHA256.HashData(bytes)));
            file.CheckTable();
            return file;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            stream?.Dispose();
            throw new InvalidInputException($"cannot read the shard {path}: {error.Message}", error);
        }
        catch
        {
            stream?.Dispose();
            throw;
        }
    }

    /// <summary>Copies token ids.</summary>
    /// <param name="start">The first, from 0.</param>
    /// <param name="ids">Gets as many as it has room for, all of them within the shard.</param>
    /// <exception cref="InvalidInputException">An id is not in the vocabulary: the file is damaged.</exception>
    public void Copy(long start, Span<int> ids)
    {
        if (start < 0 || start + ids.Length > Header.Tokens)
        {
            throw new ArgumentOutOfRangeException(nameof(start), start, $"the shard has {Header.Tokens} tokens");
        }

        if (Header.IdSize == 4)
        {
            Read(ShardHeader.Size + (start * 4), ids);
            if (!BitConverter.IsLittleEndian)
            {
                BinaryPrimitives.ReverseEndianness(ids, ids);
            }
        }
        else
        {
            Span<ushort> narrow = stackalloc ushort[512];
            for (int done = 0; done < ids.Length;)
            {
                Span<ushort> part = narrow[..Math.Min(narrow.Length, ids.Length - done)];
                Read(ShardHeader.Size + ((start + done) * 2), part);
                for (int i = 0; i < part.Length; i++)
                {
                    ids[done + i] = BitConverter.IsLittleEndian ? part[i] : BinaryPrimitives.ReverseEndianness(part[i]);
                }

                done += part.Length;
            }
        }

        for (int i = 0; i < ids.Length; i++)
        {
            if ((uint)ids[i] >= (uint)Header.VocabularySize)
            {
                throw ShardHeader.Refused(
                    Path, $"token {start + i} has the id {(uint)ids[i]}, and the vocabulary has {Header.VocabularySize}: it is damaged");
            }
        }
    }

    /// <summary>The first token of a document, or for the number behind the last, the number of tokens.</summary>
    public long StartOf(long document) => Entry(document).Start;

    /// <summary>A document's id.</summary>
    public string NameOf(long document)
    {
        long from = Entry(document).Name, to = Entry(document + 1).Name;
        byte[] name = new byte[to - from];
        Read<byte>(Header.NamesOffset + from, name);
        return Encoding.UTF8.GetString(name);
    }

    /// <summary>The document that a token belongs to.</summary>
    public long DocumentOf(long token)
    {
        long first = 0, last = Header.Documents - 1;
        while (first < last)
        {
            long middle = (first + last + 1) / 2;
            (first, last) = StartOf(middle) <= token ? (middle, last) : (first, middle - 1);
        }

        return first;
    }

    /// <summary>Reads the whole file and holds it against the hash in its header.</summary>
    /// <exception cref="InvalidInputException">It has other bytes, or an id that is not in the vocabulary.</exception>
    public void Verify()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] bytes = new byte[1 << 16];
        _stream.Position = ShardHeader.Size;
        for (int count = _stream.Read(bytes); count > 0; count = _stream.Read(bytes))
        {
            hash.AppendData(bytes, 0, count);
        }

        if (Convert.ToHexStringLower(hash.GetHashAndReset()) != Header.ContentSha256)
        {
            throw ShardHeader.Refused(Path, "its bytes are not those that were written (another SHA-256): it is damaged");
        }

        int[] ids = new int[1 << 16];
        for (long start = 0; start < Header.Tokens; start += ids.Length)
        {
            Copy(start, ids.AsSpan(0, (int)Math.Min(ids.Length, Header.Tokens - start)));
        }
    }

    /// <summary>Gives all pages back; the next read maps the file anew.</summary>
    public void Unmap()
    {
        _view?.Dispose();
        _map?.Dispose();
        (_view, _map) = (null, null);
    }

    public void Dispose()
    {
        Unmap();
        _stream.Dispose();
    }

    private void Read<T>(long offset, Span<T> to)
        where T : unmanaged
    {
        if (offset < 0 || offset + ((long)to.Length * Marshal.SizeOf<T>()) > Header.FileLength)
        {
            throw ShardHeader.Refused(Path, "it leads outside of itself: it is damaged");
        }

        View().SafeMemoryMappedViewHandle.ReadSpan((ulong)offset, to);
    }

    /// <summary>The map, made when needed. A file that became shorter meanwhile has no bytes where the map says so.</summary>
    private MemoryMappedViewAccessor View()
    {
        if (_view is null)
        {
            if (_stream.Length != Header.FileLength)
            {
                throw ShardHeader.Refused(Path, "its length changed while it was in use");
            }

            _map = MemoryMappedFile.CreateFromFile(
                _stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            _view = _map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        }

        return _view;
    }

    private (long Start, long Name) Entry(long document)
    {
        Span<long> entry = stackalloc long[2];
        ReadEntries(document, entry);
        return (entry[0], entry[1]);
    }

    private void ReadEntries(long first, Span<long> numbers)
    {
        Read(Header.TableOffset + (first * ShardHeader.EntrySize), numbers);
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(numbers, numbers);
        }
    }

    /// <summary>Documents begin one behind the other, and so do their ids.</summary>
    private void CheckTable()
    {
        long[] numbers = new long[2 * EntriesAtOnce];
        (long start, long name) = (-1, 0);
        for (long first = 0; first <= Header.Documents; first += EntriesAtOnce)
        {
            Span<long> entries = numbers.AsSpan(0, 2 * (int)Math.Min(EntriesAtOnce, Header.Documents + 1 - first));
            ReadEntries(first, entries);
            for (int i = 0; i < entries.Length; i += 2)
            {
                bool isSound = entries[i] > start && entries[i + 1] >= name && (start >= 0 || (entries[i] == 0 && entries[i + 1] == 0));
                (start, name) = isSound
                    ? (entries[i], entries[i + 1])
                    : throw ShardHeader.Refused(Path, $"its table of documents is damaged at entry {first + (i / 2)}");
            }
        }

        if (start != Header.Tokens || name != Header.NameBytes)
        {
            throw ShardHeader.Refused(Path, "its table of documents does not end where its tokens do");
        }

        Unmap();
    }
}
