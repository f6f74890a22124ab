using System.Security.Cryptography;

namespace Habla.Storage;

/// <summary>Writes a file that is flushed to disk and hashed on its way there, so that nothing is read back.</summary>
internal static class HashedFile
{
    /// <summary>Writes a new file in a folder that nobody reads yet; otherwise <see cref="AtomicFile"/> is the one to take.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="write">Writes the content to the stream it is given.</param>
    /// <returns>The SHA-256 of what was written.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static string Write(string path, Action<Stream> write)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        using (var both = new Both(file, hash))
        {
            write(both);
        }

        file.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Passes every byte to a file and a hash. A CryptoStream would do, but copies all of it once more.</summary>
    private sealed class Both(FileStream file, IncrementalHash hash) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => file.Length;

        public override long Position
        {
            get => file.Position;
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            hash.AppendData(buffer);
            file.Write(buffer);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush() => file.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
