using System.Collections.Frozen;

namespace Habla.Extraction;

/// <summary>Reads a file in this process, whatever its kind, and everything within it.</summary>
internal sealed class FileReader
{
    private readonly FrozenDictionary<string, IKindReader> _readers;

    public FileReader()
    {
        var plain = new PlainTextReader();
        var readers = new Dictionary<string, IKindReader>
        {
            [Kinds.Text] = plain,
            [Kinds.Code] = plain,
        };
        _readers = readers.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Reads a file.</summary>
    /// <returns>Its kind.</returns>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public string Read(SourceContent source, FileReading reading)
    {
        try
        {
            return Read(source, null, reading);
        }
        catch (SkipException skip)
        {
            reading.Skip(KindDetector.Guess(source.Name), null, skip.Reason, skip.Message);
            return KindDetector.Guess(source.Name);
        }
    }

    /// <summary>Reads a file or a member.</summary>
    /// <param name="source">It.</param>
    /// <param name="part">Where in the whole file it is; null for the whole file.</param>
    /// <param name="reading">Takes what is found.</param>
    /// <returns>Its kind.</returns>
    /// <exception cref="SkipException">A limit of the whole file is reached.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public string Read(SourceContent source, string? part, FileReading reading)
    {
        string kind = KindDetector.Guess(source.Name);
        try
        {
            reading.Begin(part);
            if (source.Length == 0)
            {
                throw new SkipException(SkipReason.Empty, "it has no bytes");
            }

            kind = KindDetector.Detect(source);
            if (!_readers.TryGetValue(kind, out IKindReader? reader))
            {
                throw new SkipException(SkipReason.UnknownKind, $"no extractor reads {kind}");
            }

            reader.Read(source, kind, part, reading);
        }
        catch (SkipException skip) when (!skip.EndsFile || part is null)
        {
            reading.Skip(kind, part, skip.Reason, skip.Message);
        }
        catch (OutOfMemoryException)
        {
            reading.Skip(kind, part, SkipReason.TooMuchMemory, $"reading it takes more than {reading.Options.MemoryLimitMb} MiB");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException && part is null)
        {
            reading.Skip(kind, part, SkipReason.Unreadable, OneLine.Of(error));
        }
        catch (Exception error) when (error is not OperationCanceledException and not SkipException)
        {
            // A library that meets what it did not expect throws what it likes; the file is one line of the report all the same.
            reading.Skip(kind, part, SkipReason.Broken, OneLine.Of(error));
        }

        return kind;
    }
}
