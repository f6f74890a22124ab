using System.Text.Json;

namespace Habla.Storage;

/// <summary>
/// A kind of JSON Lines file: one object a line, and only whole lines count, since a half line at the end is what a killed run was
/// writing. Read forwards a block at a time, or backwards, so that what is long past costs nothing.
/// </summary>
/// <typeparam name="T">What a line holds.</typeparam>
/// <param name="name">What a line is, for messages, such as "step of a training log".</param>
/// <param name="format">How it is written; null (the default) for <see cref="JsonFormat.Line"/>.</param>
public sealed class JsonLines<T>(string name, JsonSerializerOptions? format = null)
    where T : class
{
    /// <summary>Bytes that are read at a time; more where a line is longer.</summary>
    internal const int BlockSize = 1 << 16;

    private readonly JsonSerializerOptions _format = format ?? JsonFormat.Line;

    /// <summary>Opens a file to append to, which is made when missing: lines after the last one to keep are cut off.</summary>
    /// <param name="path">The file.</param>
    /// <param name="keeps">Whether a line stays; looked for from the end on. Null (the default) keeps none, without reading.</param>
    /// <exception cref="InvalidInputException">The file cannot be read or written.</exception>
    public JsonLinesFile<T> Open(string path, Func<T, bool>? keeps = null)
    {
        long length = keeps is null ? 0 : ReadBackwards(path).FirstOrDefault(line => line.Line is { } there && keeps(there)).End;
        return new JsonLinesFile<T>(path, length, _format);
    }

    /// <summary>The whole lines from a position on, each with the position after it; read as they are asked for.</summary>
    /// <param name="path">An existing file; it may be growing.</param>
    /// <param name="from">The start of a line; 0 by default.</param>
    /// <exception cref="InvalidInputException">The file cannot be read, or a whole line is none of this kind.</exception>
    public IEnumerable<(T Line, long End)> Read(string path, long from = 0)
    {
        using FileStream file = OpenToRead(path);
        long position = file.Position = from;
        byte[] block = new byte[BlockSize];
        int used = 0, number = 0;
        while (Guarded(path, () => file.Read(block, used, block.Length - used)) is var read and > 0)
        {
            used += read;
            int start = 0;
            for (; Array.IndexOf(block, (byte)'\n', start, used - start) is var end and >= 0; start = end + 1)
            {
                T line = Parse(block.AsSpan(start, end - start), from == 0 ? $"{path}:{++number}" : $"{path}, byte {position}");
                yield return (line, position += end + 1 - start);
            }

            block.AsSpan(start, used - start).CopyTo(block);
            used -= start;
            if (used == block.Length)
            {
                Array.Resize(ref block, 2 * used);
            }
        }
    }

    /// <summary>The whole lines from the last to the first, each with the position after it; null for one of another kind.</summary>
    /// <param name="path">The file; without one there is no line.</param>
    /// <exception cref="InvalidInputException">The file cannot be read.</exception>
    internal IEnumerable<(T? Line, long End)> ReadBackwards(string path)
    {
        if (!File.Exists(path))
        {
            yield break;
        }

        using FileStream file = OpenToRead(path);
        foreach ((T?, long) line in ReadBackwards(file, path))
        {
            yield return line;
        }
    }

    /// <summary>The same of a stream that can seek.</summary>
    internal IEnumerable<(T? Line, long End)> ReadBackwards(Stream file, string path)
    {
        byte[] block = [];
        long at = file.Length; // where the block begins
        int stop = -1; // where the next line ends within it; -1 before the last newline is found
        while (true)
        {
            int before = block.AsSpan(0, stop < 0 ? block.Length : stop - 1).LastIndexOf((byte)'\n');
            if (before < 0 && at > 0)
            {
                int kept = Math.Max(stop, 0), more = (int)Math.Min(at, Math.Max(BlockSize, kept));
                byte[] longer = new byte[more + kept];
                block.AsSpan(0, kept).CopyTo(longer.AsSpan(more));
                at -= more;
                Guarded(path, () =>
                {
                    file.Position = at;
                    file.ReadExactly(longer, 0, more);
                    return true;
                });
                (block, stop) = (longer, stop < 0 ? -1 : stop + more);
                continue;
            }

            if (stop >= 0)
            {
                yield return (ParseOrNull(block.AsSpan(before + 1, stop - before - 2)), at + stop);
            }

            if (before < 0)
            {
                yield break;
            }

            stop = before + 1;
        }
    }

    /// <summary>Does some work on a file, and says which one when it fails.</summary>
    internal static TResult Guarded<TResult>(string path, Func<TResult> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{path}: cannot use this log: {error.Message}", error);
        }
    }

    private static FileStream OpenToRead(string path) =>
        Guarded(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0));

    private T Parse(ReadOnlySpan<byte> line, string place)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line, _format) ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw new InvalidInputException($"{place}: this line is no {name}: {error.Message}", error);
        }
    }

    private T? ParseOrNull(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line, _format);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
