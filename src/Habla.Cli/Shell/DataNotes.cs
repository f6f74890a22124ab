using Habla.Data;
using Habla.Data.Shards;
using Habla.Runs;
using static System.FormattableString;

namespace Habla.Cli.Shell;

/// <summary>Tells what became of the data: nothing is left out silently.</summary>
internal static class DataNotes
{
    public static void Write(RunData data)
    {
        Write("train", data.Train);
        if (data.Validation is { } validation)
        {
            Write("validation", validation);
            if (data.NoBaseline is { } reason)
            {
                Console.Error.WriteLine(reason);
            }
        }
    }

    private static void Write(string name, SequenceDataset data)
    {
        string line = data switch
        {
            SentenceDataset { Report: var report } => Invariant(
                $"{name}: {report.RowsUsed} of {report.RowsRead} rows, {report.TargetTokens:N0} tokens, longest {report.LongestSequence}")
                + LeftOut(report),
            WindowDataset windows => Invariant($"{name}: {windows.Count:N0} windows over {windows.Stream.Length:N0} tokens")
                + (windows.UnknownTokens > 0 ? Invariant($"; {windows.UnknownTokens} unknown characters became <unk>") : ""),
            ShardDataset { Shards: var shards } => Invariant($"{name}: {data.Count:N0} windows over {shards.Length:N0} tokens")
                + Invariant($" of {shards.Documents:N0} documents in {Shards(shards.ShardCount)}"),
            _ => Invariant($"{name}: {data.Count:N0} sequences"),
        };
        Console.Error.WriteLine(line);
    }

    private static string Shards(int count) => count == 1 ? "1 shard" : Invariant($"{count:N0} shards");

    private static string LeftOut(DatasetReport report)
    {
        List<string> notes = [];
        Note(report.TooLongSentences, "context sentences longer than the context left out");
        Note(report.MisConjugatedRows, "mis-conjugated rows left out");
        Note(report.TruncatedRows, "rows cut to the context");
        Note(report.UnknownTokens, "unknown characters became <unk>");
        return notes.Count == 0 ? "" : "; " + string.Join(", ", notes);

        void Note(long count, string what)
        {
            if (count > 0)
            {
                notes.Add(Invariant($"{count} {what}"));
            }
        }
    }
}
