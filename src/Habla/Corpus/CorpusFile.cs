using System.Buffers;
using System.Text;
using System.Text.Json;
using Habla.Storage;

namespace Habla.Corpus;

/// <summary>Reads and writes rows as JSON Lines: UTF-8, one row a line, every column in every row, "\n" at each end.</summary>
public static class CorpusFile
{
    /// <summary>Reads a file of rows and stops at the first line that is not one.</summary>
    /// <param name="path">A file written by <see cref="Write"/> or by hand.</param>
    /// <returns>All rows, at least one, the mis-conjugated ones among them: look at <see cref="CorpusRow.Label"/>.</returns>
    /// <exception cref="InvalidInputException">The file is missing or empty, or a row is bad: file, line and id are named.</exception>
    public static IReadOnlyList<CorpusRow> Read(string path)
    {
        CorpusScan scan = Scan(path);
        if (scan.Problems.Count > 0)
        {
            throw new InvalidInputException(
                $"{scan.Problems[0]}. Mend the row, or build the corpus again with `habla corpus build`.");
        }

        return scan.Rows.Count > 0
            ? [.. scan.Rows.Select(located => located.Row)]
            : throw new InvalidInputException($"{path}: holds no rows; build the corpus with `habla corpus build`.");
    }

    /// <summary>Reads a file of rows to its end and lists the bad lines; blank lines are passed over.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidInputException">The file cannot be read at all or is not UTF-8.</exception>
    public static CorpusScan Scan(string path)
    {
        var rows = new List<LocatedRow>();
        var problems = new List<RowProblem>();
        int number = 0;
        foreach (string line in Lines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            (CorpusRow? row, string id, string problem) = RowJson.Read(line);
            if (row is not null)
            {
                rows.Add(new LocatedRow(row, path, number));
            }
            else
            {
                problems.Add(new RowProblem(path, number, id, problem));
            }
        }

        return new CorpusScan(path, rows, problems);
    }

    /// <summary>Writes rows in the order given; the same rows give the same bytes.</summary>
    /// <param name="path">The file to create or replace, atomically.</param>
    /// <param name="rows">The rows.</param>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<CorpusRow> rows)
    {
        byte[] bytes = ToBytes(rows);
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    /// <summary>The bytes that <see cref="Write"/> puts into a file.</summary>
    /// <param name="rows">The rows.</param>
    public static byte[] ToBytes(IEnumerable<CorpusRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JsonFormat.Line.Encoder });
        foreach (CorpusRow row in rows)
        {
            json.Reset();
            RowJson.Write(json, row);
            json.Flush();
            bytes.Write("\n"u8);
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static string[] Lines(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return File.ReadAllLines(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidInputException($"{path}: is not UTF-8 text; save it as UTF-8.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(
                $"cannot read {path}: {error.Message} Build the corpus with `habla corpus build`, or name another file.", error);
        }
    }
}
