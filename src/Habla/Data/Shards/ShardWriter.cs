using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Habla.Data.Shards;

/// <summary>
/// Writes one shard from front to back: ids as they come, then the table of documents and their ids, and the header last, in the
/// place that was left for it. In memory are a buffer and the table.
/// </summary>
internal sealed class ShardWriter : IDisposable
{
    private readonly Stream _stream;
    private readonly int _idSize;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<long> _starts = [];
    private readonly List<byte[]> _names = [];
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _buffered;

    /// <summary>Begins a shard.</summary>
    /// <param name="stream">A file at its beginning.</param>
    /// <param name="vocabularySize">The tokenizer's tokens; decides the width of the ids.</param>
    public ShardWriter(Stream stream, int vocabularySize)
    {
        (_stream, _idSize) = (stream, ShardHeader.IdSizeOf(vocabularySize));
        _stream.Write(new byte[ShardHeader.Size]);
    }

    /// <summary>Tokens written so far.</summary>
    public long Tokens { get; private set; }

    /// <summary>Documents begun or gone on with so far.</summary>
    public int Documents => _starts.Count;

    /// <summary>Begins a document; its ids follow.</summary>
    public void BeginDocument(string id)
    {
        _starts.Add(Tokens);
        _names.Add(Encoding.UTF8.GetBytes(id));
    }

    /// <summary>Writes ids of the document begun last.</summary>
    public void Write(ReadOnlySpan<int> ids)
    {
        foreach (int id in ids)
        {
            if (_buffered == _buffer.Length)
            {
                FlushBuffer();
            }

            Span<byte> place = _buffer.AsSpan(_buffered);
            if (_idSize == 2)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(place, (ushort)id);
            }
            else
            {
                BinaryPrimitives.WriteInt32LittleEndian(place, id);
            }

            _buffered += _idSize;
        }

        Tokens += ids.Length;
    }

    /// <summary>Writes what follows the ids, and the header.</summary>
    /// <param name="header">All that the writer does not know itself.</param>
    /// <returns>The header as it stands in the file.</returns>
    public ShardHeader Finish(ShardHeader header)
    {
        header = header with { Tokens = Tokens, Documents = _starts.Count, NameBytes = _names.Sum(name => (long)name.Length) };
        Append(new byte[header.TableOffset - ShardHeader.Size - (Tokens * _idSize)]);
        long nameStart = 0;
        for (int i = 0; i <= _starts.Count; i++)
        {
            byte[] entry = new byte[ShardHeader.EntrySize];
            BinaryPrimitives.WriteInt64LittleEndian(entry, i < _starts.Count ? _starts[i] : Tokens);
            BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(8), nameStart);
            Append(entry);
            nameStart += i < _starts.Count ? _names[i].Length : 0;
        }

        _names.ForEach(name => Append(name));
        FlushBuffer();
        header = header with { ContentSha256 = Convert.ToHexStringLower(_hash.GetHashAndReset()) };
        _stream.Position = 0;
        _stream.Write(header.ToBytes());
        return header;
    }

    public void Dispose() => _hash.Dispose();

    private void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_buffered == _buffer.Length)
            {
                FlushBuffer();
            }

            int count = Math.Min(bytes.Length, _buffer.Length - _buffered);
            bytes[..count].CopyTo(_buffer.AsSpan(_buffered));
            _buffered += count;
            bytes = bytes[count..];
        }
    }

    private void FlushBuffer()
    {
        _hash.AppendData(_buffer, 0, _buffered);
        _stream.Write(_buffer, 0, _buffered);
        _buffered = 0;
    }
}
