using System.Text;

namespace Habla.Data;

/// <summary>Passes the bytes of a file on as they are, and refuses them where they are not UTF-8.</summary>
/// <param name="file">The file; it is closed with this.</param>
/// <param name="path">Its name, for the message.</param>
internal sealed class Utf8Stream(Stream file, string path) : Stream
{
    private readonly Decoder _decoder = new UTF8Encoding(false, throwOnInvalidBytes: true).GetDecoder();
    private char[] _characters = [];

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">The bytes are not UTF-8.</exception>
    public override int Read(Span<byte> buffer)
    {
        int read = file.Read(buffer);
        if (_characters.Length < read + 2)
        {
            _characters = new char[read + 2];
        }

        try
        {
            // What a character cut in two lacks comes with the next bytes; after the last there must be nothing left.
            _decoder.GetChars(buffer[..read], _characters, flush: read == 0);
        }
        catch (DecoderFallbackException error)
        {
            throw TextFile.NotUtf8(path, error);
        }

        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
        }

        base.Dispose(disposing);
    }
}
