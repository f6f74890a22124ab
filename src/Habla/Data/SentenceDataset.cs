using System.Globalization;
using Habla.Tokenization;

namespace Habla.Data;

/// <summary>
/// A sequence for each row of a JSON Lines file: <c>&lt;bos&gt;es:… / en:…&lt;eos&gt;</c>, padded to the right. Rows are left out only by
/// the stated filter (mis-conjugated ones, and context sentences that are longer than the context), and counted.
/// </summary>
public sealed class SentenceDataset : SequenceDataset
{
    private readonly int[][] _sequences;

    private SentenceDataset(int[][] sequences, IReadOnlyList<SentenceRow> rows, int sequenceLength, int padId, DatasetReport report)
        : base(sequenceLength, padId)
    {
        _sequences = sequences;
        Rows = rows;
        Report = report;
    }

    /// <summary>What became of the file's rows.</summary>
    public DatasetReport Report { get; }

    /// <summary>The rows used, by the number that <see cref="Batch.SampleIds"/> gives.</summary>
    public IReadOnlyList<SentenceRow> Rows { get; }

    /// <summary>All sequences, from the token that begins each to the one that ends it.</summary>
    public IReadOnlyList<int[]> Sequences => _sequences;

    /// <inheritdoc/>
    public override long Count => _sequences.Length;

    /// <inheritdoc/>
    public override ReadOnlySpan<int> Sequence(long index, Span<int> room) => _sequences[index];

    /// <summary>Reads a file and encodes its rows.</summary>
    /// <param name="path">A JSON Lines file; see <see cref="SentenceFile"/>.</param>
    /// <param name="tokenizer">A tokenizer with special tokens.</param>
    /// <param name="sequenceLength">The context, <c>T</c>: a sequence has at most one token more, which is only a target.</param>
    /// <param name="options">The filter and what to do with rows that are too long.</param>
    /// <exception cref="InvalidInputException">
    /// The file is missing or bad, a row passes the filter and is too long (file, line and id are named), or no row is left.
    /// </exception>
    public static SentenceDataset Load(string path, Tokenizer tokenizer, int sequenceLength, DataOptions options)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(options);
        if (!tokenizer.HasSpecialTokens)
        {
            throw new InvalidOptionException(
                "tokenizer.special_tokens", "sentences begin with <bos> and end with <eos>; the tokenizer needs its special tokens");
        }

        IReadOnlyList<SentenceRow> read = SentenceFile.Read(path);
        var report = new DatasetReport(read.Count, 0, 0, 0, 0, 0, 0, 0);
        var sequences = new List<int[]>();
        var rows = new List<SentenceRow>();
        foreach (SentenceRow row in read)
        {
            if (!row.IsCorrect && !options.MisConjugated)
            {
                report = report with { MisConjugatedRows = report.MisConjugatedRows + 1 };
                continue;
            }

            int[] text = tokenizer.Encode(row.Line, out int unknown);
            int[] sequence = [tokenizer.BosId, .. text, tokenizer.EosId];
            bool isTooLong = sequence.Length > sequenceLength + 1;
            if (isTooLong && row.IsContextSentence && options.LongSentences == "skip")
            {
                report = report with { TooLongSentences = report.TooLongSentences + 1 };
                continue;
            }

            if (isTooLong && !options.Truncate)
            {
                throw TooLong(path, row, sequence.Length, sequenceLength);
            }

            sequence = isTooLong ? sequence[..(sequenceLength + 1)] : sequence;
            sequences.Add(sequence);
            rows.Add(row);
            report = report with
            {
                RowsUsed = report.RowsUsed + 1,
                TruncatedRows = report.TruncatedRows + (isTooLong ? 1 : 0),
                TargetTokens = report.TargetTokens + sequence.Length - 1,
                UnknownTokens = report.UnknownTokens + unknown,
                LongestSequence = Math.Max(report.LongestSequence, sequence.Length),
            };
        }

        return sequences.Count > 0
            ? new SentenceDataset([.. sequences], rows, sequenceLength, tokenizer.PadId, report)
            : throw NothingLeft(path, report);
    }

    private static InvalidInputException TooLong(string path, SentenceRow row, int length, int sequenceLength) =>
        new(string.Create(
            CultureInfo.InvariantCulture,
            $"{path}:{row.LineNumber}: row '{row.Id}' is {length} tokens long with <bos> and <eos>, but a context of {sequenceLength} ")
            + string.Create(CultureInfo.InvariantCulture, $"takes {sequenceLength + 1}: \"{row.Line}\". ")
            + "Shorten the row, raise model.max_seq_len, or cut such rows with data.truncate: true.");

    private static InvalidInputException NothingLeft(string path, DatasetReport report) =>
        new(string.Create(
            CultureInfo.InvariantCulture,
            $"{path}: no sequence is left of {report.RowsRead} rows: {report.MisConjugatedRows} are mis-conjugated (data.mis_conjugated "
                + $"takes them) ")
            + string.Create(
                CultureInfo.InvariantCulture,
                $"and {report.TooLongSentences} are context sentences longer than the context (model.max_seq_len)."));
}
