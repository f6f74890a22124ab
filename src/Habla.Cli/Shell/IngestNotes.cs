using System.Globalization;
using Habla.Ingestion;

namespace Habla.Cli.Shell;

/// <summary>What habla ingest tells people at its end: a line a kind, what was skipped and how to mend it.</summary>
internal static class IngestNotes
{
    private const int MostExamples = 3;

    // In the order in which somebody can do something about them.
    private static readonly (string Reason, string Words)[] _reasons =
    [
        ("program_missing", "need a program that is not installed"),
        ("unreadable", "cannot be read: check that they are there, that they are files and that you may read them"),
        ("encrypted", "need a password: save them without one"),
        ("broken", "are broken, or not what their name says"),
        ("too_large", "are larger than --max-bytes, unpack to more, or have a text that is too long for one document"),
        ("too_slow", "took longer than --time-limit"),
        ("too_much_memory", "took more memory than --memory-limit"),
        ("unknown_kind", "are of a kind that holds no text Habla can read"),
        ("empty", "hold no text"),
        ("too_short", "are shorter than --min-chars"),
        ("not_asked_for", "were left out by an option: --no-pdf, --no-ocr"),
        ("symbolic_link", "are symbolic links, which are not followed"),
        ("duplicate", "have the same text as another document"),
        ("near_duplicate", "have almost the same text as another document (--near-duplicates 0 keeps them)"),
    ];

    public static void Conclude(IngestOutcome outcome, string folder, TimeSpan taken)
    {
        IngestReport report = outcome.Report;
        string[][] rows =
        [
            .. report.Kinds.Select(kind => Row(kind.Kind, kind.Files, kind.Documents, kind.Characters, kind.Skipped)),
            Row("all", report.Files, report.Documents, report.Characters, report.SkippedBy),
        ];
        Terminal.WriteTable(["kind", "files", "documents", "characters", "skipped"], rows, leftColumns: 1);
        foreach ((string reason, string words) in _reasons.Where(reason => report.SkippedBy.ContainsKey(reason.Reason)))
        {
            Terminal.Say($"{report.SkippedBy[reason],8:N0} {words}{Examples(report, reason)}");
        }

        SayLeftOut(report.LeftOut);
        if (report.Extractor.Contains("no prlimit", StringComparison.Ordinal))
        {
            Terminal.Say($"prlimit is not installed, so --memory-limit does not hold for the programs that read PDF files and pictures; ",
                $"install it with `apt-get install util-linux`");
        }

        if (report.Latin1Fallbacks > 0)
        {
            Terminal.Say($"{report.Latin1Fallbacks,8:N0} were neither UTF-8 nor UTF-16 and were read as Latin-1: ",
                $"{Some([.. report.ReadAsLatin1.Select(file => file.Source)])}");
        }

        double seconds = taken.TotalSeconds, rate = report.Files / Math.Max(seconds, 1e-3);
        Terminal.Say(
            $"{report.Files:N0} files in {seconds:0.0} s, {rate:N0} files/s; ",
            $"{outcome.Reused:N0} had not changed since they were read");
        Terminal.Say(
            $"{folder}/{DocumentFile.Name} has {report.Documents:N0} documents, ",
            $"{folder}/{IngestReport.Name} says what became of each file");
        if (report.Documents == 0)
        {
            Console.Error.WriteLine("habla: no document came out of this; the lines above say why");
        }
    }

    private static string[] Row(string kind, int files, long documents, long characters, IReadOnlyDictionary<string, int> skipped) =>
        [kind, Number(files), Number(documents), Number(characters), Number(skipped.Values.Sum())];

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>The details tell what to install or where a file breaks off; each different one once, or else some names.</summary>
    private static string Examples(IngestReport report, string reason)
    {
        SkippedSource[] skipped = [.. report.Skipped.Where(part => Name(part) == reason)];
        string[] details = [.. skipped.Select(part => part.Detail).Distinct()];
        if (skipped.Length == 0)
        {
            return "";
        }

        return reason == "program_missing" ? $": {string.Join("; ", details)}" : $": {Some([.. skipped.Select(Place).Distinct()])}";
    }

    /// <summary>The first few; names are shown so that nothing in them gives orders to the terminal.</summary>
    private static string Some(string[] names) =>
        string.Join(", ", names.Take(MostExamples).Select(VisibleText.OfName)) + (names.Length > MostExamples ? ", ..." : "");

    private static string Place(SkippedSource part) => part.Part is null ? part.Source : $"{part.Source} ({part.Part})";

    private static string Name(SkippedSource part) =>
        System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(part.Reason.ToString());

    private static void SayLeftOut(LeftOut left)
    {
        (int Count, string What)[] rules =
        [
            (left.StandardFolders, "folders such as .git, bin and node_modules"), (left.GitIgnored, "named by a .gitignore"),
            (left.Globs, "by --include and --exclude"), (left.BeyondMaxFiles, "files beyond --max-files"),
            (left.OutputFolder, "folders that habla ingest writes or wrote to"),
        ];
        string[] said = [.. rules.Where(rule => rule.Count > 0).Select(rule => $"{Number(rule.Count)} {rule.What}")];
        if (said.Length > 0)
        {
            Console.Error.WriteLine($"not looked at: {string.Join(", ", said)}");
        }
    }
}
