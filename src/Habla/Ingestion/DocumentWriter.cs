using System.IO.Compression;
using System.Text.Json;

namespace Habla.Ingestion;

/// <summary>Writes documents one after another, compressed; given out by <see cref="DocumentFile.Write"/>.</summary>
public sealed class DocumentWriter : IDisposable
{
    private readonly GZipStream _stream;
    private readonly Utf8JsonWriter _json;

    /// <summary>Starts the compressed lines on a stream, which stays open afterwards.</summary>
    /// <remarks>The header that .NET writes has no time and no name: the same documents give the same bytes.</remarks>
    internal DocumentWriter(Stream stream)
    {
        _stream = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true);
        _json = new Utf8JsonWriter(_stream, new JsonWriterOptions { Encoder = DocumentFile.Format.Encoder, SkipValidation = true });
    }

    /// <summary>How many documents were written.</summary>
    public long Count { get; private set; }

    /// <summary>Writes a document.</summary>
    /// <remarks>A document that cannot be a line (its text is too long for one) throws before anything of it is written.</remarks>
    /// <param name="document">The document.</param>
    public void Write(Document document)
    {
        try
        {
            JsonSerializer.Serialize(_json, document, DocumentFile.Format);
            _json.Flush();
        }
        finally
        {
            _json.Reset();
        }

        _stream.WriteByte((byte)'\n');
        Count++;
    }

    /// <summary>Ends the compressed stream.</summary>
    public void Dispose()
    {
        _json.Dispose();
        _stream.Dispose();
    }
}
