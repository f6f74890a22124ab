using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using Habla.Storage;

namespace Habla.Ingestion;

/// <summary>
/// Files of documents, an object a line: <c>documents.jsonl.gz</c> as <c>habla ingest</c> writes it, or the same uncompressed.
/// </summary>
public static class DocumentFile
{
    /// <summary>The file's name in the folder that ingestion writes.</summary>
    public const string Name = "documents.jsonl.gz";

    private const int BlockSize = 1 << 16;

    /// <summary>This file is no web page, so neither apostrophes nor "&lt;" need an escape.</summary>
    internal static JsonSerializerOptions Format { get; } = new(JsonFormat.Line)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The file of documents of a folder that ingestion wrote; of any other path, the path itself.</summary>
    /// <param name="path">A folder or a file.</param>
    public static string InFolder(string path) => File.Exists(Path.Combine(path, Name)) ? Path.Combine(path, Name) : path;

    /// <summary>Writes a compressed file, whole or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="write">Writes the documents.</param>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public static void Write(string path, Action<DocumentWriter> write) => AtomicFile.Write(path, stream =>
    {
        using var documents = new DocumentWriter(stream);
        write(documents);
    });

    /// <summary>Reads a file's documents one after another, in its order; no more than one is in memory.</summary>
    /// <param name="path">A .jsonl file, compressed by gzip or not: its first bytes tell.</param>
    /// <returns>The documents, read as they are asked for.</returns>
    /// <exception cref="InvalidInputException">
    /// The file cannot be read, breaks off, or has a line that is no document; the message names the line.
    /// </exception>
    public static IEnumerable<Document> Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Lines(path);
    }

    private static IEnumerable<Document> Lines(string path)
    {
        using Stream file = Guarded(path, 0, () => Open(path));
        byte[] block = new byte[BlockSize];
        int used = 0, number = 0;
        while (true)
        {
            int read = Guarded(path, number, () => file.Read(block, used, block.Length - used));
            if (read == 0)
            {
                break;
            }

            int searched = used, start = 0;
            used += read;
            for (int end; (end = Array.IndexOf(block, (byte)'\n', searched, used - searched)) >= 0; searched = start = end + 1)
            {
                yield return Parse(block.AsSpan(start, end - start), path, ++number);
            }

            block.AsSpan(start, used - start).CopyTo(block);
            used -= start;
            if (used == block.Length)
            {
                Array.Resize(ref block, 2 * used);
            }
        }

        if (used > 0)
        {
            yield return Parse(block.AsSpan(0, used), path, ++number);
        }
    }

    private static Stream Open(string path)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BlockSize);
        int first = file.ReadByte(), second = file.ReadByte();
        file.Position = 0;
        return (first, second) == (0x1f, 0x8b) ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    private static Document Parse(ReadOnlySpan<byte> line, string path, int number)
    {
        try
        {
            return JsonSerializer.Deserialize<Document>(line, Format) ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw new InvalidInputException(
                $"{path}:{number}: this line is no document: {error.Message} Make the file again with habla ingest.", error);
        }
    }

    private static TResult Guarded<TResult>(string path, int lines, Func<TResult> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException error)
        {
            throw new InvalidInputException(
                $"{path}:{lines + 1}: the compressed data is damaged or breaks off here. Make the file again with habla ingest.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(
                $"cannot read {path}: {error.Message} Check the path; habla ingest PATH --out DIR makes such a file.", error);
        }
    }
}
