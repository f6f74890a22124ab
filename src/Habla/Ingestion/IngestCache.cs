using System.Text.Json;
using Habla.Storage;
using Microsoft.Win32.SafeHandles;

namespace Habla.Ingestion;

/// <summary>
/// Keeps what was read from each file, so that a later run reads only what changed: <c>ingest_cache.jsonl</c>, a line a file, written
/// as soon as a file is done. A killed run leaves all lines but the last whole; that one is cut off.
/// </summary>
internal sealed class IngestCache : IDisposable
{
    public const string Name = "ingest_cache.jsonl";

    private const long LeastToCompact = 1 << 20;

    private static readonly JsonLines<Key> _keys = new("line of an ingestion's cache", DocumentFile.Format);

    private readonly Dictionary<string, Place> _places;
    private readonly SafeFileHandle? _read;
    private readonly JsonLinesFile<ExtractedFile> _append;

    private IngestCache(string path, long length, Dictionary<string, Place> places)
    {
        _places = places;
        _append = new JsonLinesFile<ExtractedFile>(path, length, DocumentFile.Format);
        _read = places.Count > 0 ? File.OpenHandle(path, share: FileShare.ReadWrite) : null;
    }

    /// <summary>Opens a folder's cache, or begins one.</summary>
    /// <param name="folder">The folder that is written to.</param>
    /// <param name="extraction">A hash of the extractor's identity; what another one read does not count.</param>
    /// <param name="files">The files that are to be read; what is kept of others goes when the cache is written anew.</param>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public static IngestCache Open(string folder, string extraction, IReadOnlyList<SourceFile> files)
    {
        string path = System.IO.Path.Combine(folder, Name);
        var wanted = files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        (Dictionary<string, Place> places, long length) = PlacesIn(path, extraction, wanted);
        long living = places.Values.Sum(place => (long)place.Length);
        if (length - living > Math.Max(living, LeastToCompact))
        {
            Compact(path, places);
            (places, length) = PlacesIn(path, extraction, wanted);
        }

        return new IngestCache(path, length, places);
    }

    /// <summary>What was read from a file as it is now; null when it has to be read. Several threads may ask at the same time.</summary>
    /// <param name="file">The file.</param>
    /// <param name="hash">Gives the SHA-256 of its bytes; asked for only when its size fits and its time says nothing.</param>
    /// <param name="unchanged">Whether the line in the cache says all that is known, so that it need not be written again.</param>
    public ExtractedFile? Find(SourceFile file, Func<string> hash, out bool unchanged)
    {
        unchanged = true;
        if (!_places.TryGetValue(file.Path, out Place place) || place.Key.Length != file.Length)
        {
            return null;
        }

        if (place.Key.Modified != file.Modified || !place.Key.Settled)
        {
            if (place.Key.Sha256.Length == 0 || hash() != place.Key.Sha256)
            {
                return null;
            }

            unchanged = false;
        }

        return ReadAt(place);
    }

    /// <summary>Adds what was read from a file. The line is with the system when this returns.</summary>
    public void Append(ExtractedFile file) => _append.Append(file);

    public void Dispose()
    {
        _read?.Dispose();
        _append.Dispose();
    }

    private ExtractedFile? ReadAt(Place place)
    {
        byte[] line = new byte[place.Length];
        int read = RandomAccess.Read(_read!, line, place.Start);
        try
        {
            return read < line.Length ? null : JsonSerializer.Deserialize<ExtractedFile>(line, DocumentFile.Format);
        }
        catch (JsonException)
        {
            return null; // the file is read again instead
        }
    }

    /// <summary>The newest line of each file that is wanted, and where the last whole line ends.</summary>
    private static (Dictionary<string, Place> Places, long Length) PlacesIn(
        string path, string extraction, HashSet<string> wanted)
    {
        var places = new Dictionary<string, Place>(StringComparer.Ordinal);
        long length = 0;
        if (!File.Exists(path))
        {
            return (places, length);
        }

        try
        {
            foreach ((Key key, long end) in _keys.Read(path))
            {
                if (key.Extraction == extraction && wanted.Contains(key.Path))
                {
                    places[key.Path] = new Place(length, (int)(end - length), key);
                }

                length = end;
            }
        }
        catch (InvalidInputException)
        {
            // From the first damaged line on nothing is kept: it costs reading those files again.
        }

        return (places, length);
    }

    private static void Compact(string path, Dictionary<string, Place> places)
    {
        using SafeFileHandle old = File.OpenHandle(path);
        AtomicFile.Write(path, stream =>
        {
            foreach (Place place in places.Values.OrderBy(place => place.Start))
            {
                byte[] line = new byte[place.Length];
                stream.Write(line.AsSpan(0, RandomAccess.Read(old, line, place.Start)));
            }
        });
    }

    /// <summary>What a line begins with; its texts are passed over.</summary>
    private sealed record Key(string Path, long Length, long Modified, bool Settled, string Extraction, string Sha256);

    private readonly record struct Place(long Start, int Length, Key Key);
}
