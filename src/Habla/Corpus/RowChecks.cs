namespace Habla.Corpus;

/// <summary>The checks that look at one row at a time, or at rows that must differ from each other.</summary>
internal static class RowChecks
{
    public static IReadOnlyList<CorpusCheck> All { get; } =
    [
        new("schema", "every line is a row with all 14 columns and values of the right kind", Schema),
        new("id_format", "every id says the row's kind and cell, and the label agrees", EachRow(IdFormat)),
        new("unique_ids", "no two rows have the same id", sources => Unique(sources, row => row.Id, "id")),
        new("unique_fingerprints", "no two rows say the same in both languages",
            sources => Unique(sources, row => row.Fingerprint, "fingerprint")),
        new("fingerprints_match", "every fingerprint is that of its row's text and Spanish", EachRow(FingerprintMatches)),
        new("allowed_characters", "text and Spanish hold lower-case letters, Spanish accents, spaces and the word I only",
            EachRow(AllowedCharacters)),
        new("normal_text", "text and Spanish are in normal form, with single spaces", EachRow(NormalText)),
        new("one_seed", "all rows come from one seed", OneSeed),
    ];

    /// <summary>Makes a check of a rule on single rows: the rule answers what is wrong, or null.</summary>
    public static Func<CorpusSources, IEnumerable<RowProblem>> EachRow(Func<CorpusRow, string?> rule) => sources =>
        sources.Corpus.Rows.SelectMany(located => rule(located.Row) is { } wrong ? [located.Problem(wrong)] : (RowProblem[])[]);

    private static IEnumerable<RowProblem> Schema(CorpusSources sources) => sources.Corpus.Problems
        .Concat(sources.Splits.SelectMany(split => split.Parts).SelectMany(part => part.Scan.Problems))
        .Distinct();

    private static string? IdFormat(CorpusRow row)
    {
        string start = row.Kind switch
        {
            RowKind.Context => "context/",
            RowKind.MisConjugated => row.MisConjugationType is { } type ? $"mis/{WireName.Of(type)}/" : "mis/",
            _ => "form/",
        };
        string expected = start + row.CellName;
        bool fits = row.Kind == RowKind.Context && row.Person is null
            ? row.Id.StartsWith(expected + "/", StringComparison.Ordinal)
            : row.Id == expected;
        return !fits ? $"expected the id '{expected}'"
            : (row.Kind == RowKind.MisConjugated) != (row.Label == RowLabel.MisConjugated)
                ? $"the label {WireName.Of(row.Label)} disagrees with the id"
            : null;
    }

    private static IEnumerable<RowProblem> Unique(CorpusSources sources, Func<CorpusRow, string> key, string what) =>
        sources.Corpus.Rows.GroupBy(located => key(located.Row), StringComparer.Ordinal)
            .SelectMany(same => same.Skip(1)
                .Select(again => again.Problem($"has the same {what} as row '{same.First().Row.Id}' on line {same.First().Line}")));

    private static string? FingerprintMatches(CorpusRow row)
    {
        string expected = CorpusText.Fingerprint(row.Text, row.Spanish);
        return row.Fingerprint == expected ? null : $"expected the fingerprint {expected}";
    }

    private static string? AllowedCharacters(CorpusRow row)
    {
        foreach (char character in row.Text + row.Spanish + row.CorrectForm)
        {
            if (!CorpusText.Alphabet.Contains(character, StringComparison.Ordinal))
            {
                return $"holds '{character}' (U+{(int)character:X4}); allowed are '{CorpusText.Alphabet}'";
            }
        }

        return null;
    }

    private static string? NormalText(CorpusRow row) =>
        new[] { row.Text, row.Spanish }.FirstOrDefault(text =>
            CorpusText.Normalize(text) != text || text.Contains("  ", StringComparison.Ordinal)) is { } odd
            ? $"'{odd}' is not in normal form; expected '{CorpusText.Normalize(odd)}' with single spaces"
            : null;

    private static IEnumerable<RowProblem> OneSeed(CorpusSources sources) =>
        sources.Corpus.Rows.Skip(1).Where(located => located.Row.Seed != sources.Corpus.Rows[0].Row.Seed).Select(located =>
            located.Problem($"comes from seed {located.Row.Seed}, the first row from {sources.Corpus.Rows[0].Row.Seed}"));
}
