namespace Habla.Corpus;

/// <summary>The checks that hold a corpus against the verb table: what it has to contain, and that each form is the right one.</summary>
internal static class TableChecks
{
    public const int FewestContexts = 200;
    public const int FewestMisConjugated = 50;

    // "it is good to …": the copula of a frame is no use of the verb be.
    private static readonly string[] EnglishWords =
        [.. VerbTable.All.SelectMany(verb => EnglishConjugation.WordsOf(verb.English)).Distinct().Where(word => word != "is")];

    private static readonly string[] SpanishWords =
        [.. VerbTable.All.SelectMany(verb => SpanishConjugation.WordsOf(verb.Spanish)).Distinct()];

    public static IReadOnlyList<CorpusCheck> All { get; } =
    [
        new("verbs_match_table", "lemmas and regularities are those of the verb table", RowChecks.EachRow(VerbMatches)),
        new("persons_match_tenses", "the infinitive has no person and every other tense has one", RowChecks.EachRow(PersonMatches)),
        new("form_count", "there are 320 forms", sources => Count(sources, RowKind.Form, Cell.DistinctCount, exactly: true)),
        new("context_count", "there are 200 or more context sentences", sources => Count(sources, RowKind.Context, FewestContexts)),
        new("mis_conjugated_count", "there are 50 or more mis-conjugated rows",
            sources => Count(sources, RowKind.MisConjugated, FewestMisConjugated)),
        new("cell_coverage", "the forms cover all 360 cells", CellCoverage),
        new("context_coverage", "every verb has a sentence in every tense, every tense one in every person", ContextCoverage),
        new("mis_conjugation_coverage", "all six types of mistake occur", MistakeCoverage),
        new("forms_match_table", "every form and its Spanish are those of the conjugation table", RowChecks.EachRow(FormMatches)),
        new("contexts_hold_their_form", "every sentence contains the form of its cell in both languages", RowChecks.EachRow(ContextHolds)),
        new("contexts_name_one_verb", "no sentence contains another verb of the corpus", RowChecks.EachRow(ContextNamesOneVerb)),
        new("mistakes_are_mistakes", "a mis-conjugated row has its type, its correct form, and a wrong text of that type",
            RowChecks.EachRow(MistakeIsMistake)),
        new("mistakes_have_their_pair", "the correct form of a mis-conjugated row is a row too, with the same Spanish", MistakeHasPair),
    ];

    private static Cell? CellOf(CorpusRow row) =>
        VerbTable.Find(row.VerbLemma) is { } verb && (row.Person is null) == (row.Tense == Tense.Infinitive)
            ? new Cell(verb, row.Tense, row.Person)
            : null;

    private static string? VerbMatches(CorpusRow row)
    {
        if (VerbTable.Find(row.VerbLemma) is not { } verb)
        {
            return $"verb_lemma '{row.VerbLemma}' is not in the verb table";
        }

        return row.SpanishLemma != verb.Spanish ? $"spanish_lemma is '{row.SpanishLemma}'; expected '{verb.Spanish}'"
            : row.EnglishRegularity != verb.EnglishRegularity ? $"expected english_regularity {WireName.Of(verb.EnglishRegularity)}"
            : row.SpanishRegularity != verb.SpanishRegularity ? $"expected spanish_regularity {WireName.Of(verb.SpanishRegularity)}"
            : null;
    }

    private static string? PersonMatches(CorpusRow row) => (row.Person is null, row.Tense == Tense.Infinitive) switch
    {
        (true, false) => $"{WireName.Of(row.Tense)} needs a person",
        (false, true) => "the infinitive has no person",
        _ => null,
    };

    private static IEnumerable<RowProblem> Count(CorpusSources sources, RowKind kind, int wanted, bool exactly = false)
    {
        int count = sources.Corpus.Rows.Count(located => located.Row.Kind == kind);
        if (count < wanted || (exactly && count != wanted))
        {
            yield return Whole(sources, $"has {count} {WireName.Of(kind)} rows; expected {(exactly ? "" : "at least ")}{wanted}");
        }
    }

    private static IEnumerable<RowProblem> CellCoverage(CorpusSources sources)
    {
        ILookup<string, CorpusRow> forms = RowsOf(sources, RowKind.Form).ToLookup(row => row.CellName);
        return Cell.All.Where(cell => !forms.Contains(cell.ToString()))
            .Select(cell => Whole(sources, $"has no form for {cell}"));
    }

    private static IEnumerable<RowProblem> ContextCoverage(CorpusSources sources)
    {
        CorpusRow[] contexts = [.. RowsOf(sources, RowKind.Context)];
        var tenses = contexts.Select(row => (row.VerbLemma, row.Tense)).ToHashSet();
        var persons = contexts.Select(row => (row.Tense, row.Person)).ToHashSet();
        foreach (Cell cell in Cell.All)
        {
            bool firstOfTense = cell.Person is null or Person.FirstSingular;
            if (firstOfTense && !tenses.Contains((cell.Verb.English, cell.Tense)))
            {
                yield return Whole(sources, $"has no sentence for {Cell.NameOf(cell.Verb.English, cell.Tense, null)}");
            }
        }

        foreach (Cell cell in Cell.OfVerb(VerbTable.All[0]).Where(cell => !persons.Contains((cell.Tense, cell.Person))))
        {
            yield return Whole(sources, $"has no sentence of any verb in {Cell.NameOf("*", cell.Tense, cell.Person)}");
        }
    }

    private static IEnumerable<RowProblem> MistakeCoverage(CorpusSources sources) =>
        Enum.GetValues<MisConjugationType>()
            .Except(sources.Corpus.Rows.Select(located => located.Row.MisConjugationType).OfType<MisConjugationType>())
            .Select(type => Whole(sources, $"has no mistake of type {WireName.Of(type)}"));

    private static string? FormMatches(CorpusRow row)
    {
        if (row.Kind == RowKind.Context || CellOf(row) is not { } cell)
        {
            return null;
        }

        FormPair expected = Conjugation.Of(cell);
        return row.Kind == RowKind.Form && row.Text != expected.English ? $"text is '{row.Text}'; expected '{expected.English}'"
            : row.Spanish != expected.Spanish ? $"spanish is '{row.Spanish}'; expected '{expected.Spanish}'"
            : null;
    }

    private static string? ContextHolds(CorpusRow row)
    {
        if (row.Kind != RowKind.Context || CellOf(row) is not { } cell)
        {
            return null;
        }

        FormPair form = Conjugation.Of(cell);
        return !HasWords(row.Text, form.English) ? $"'{row.Text}' does not contain '{form.English}'"
            : !HasWords(row.Spanish, form.Spanish) ? $"'{row.Spanish}' does not contain '{form.Spanish}'"
            : null;
    }

    private static string? ContextNamesOneVerb(CorpusRow row)
    {
        if (row.Kind != RowKind.Context || CellOf(row) is not { } cell)
        {
            return null;
        }

        FormPair form = Conjugation.Of(cell);
        string rest = Padded(row.Text).Replace(Padded(form.English), " ", StringComparison.Ordinal);
        string restSpanish = Padded(row.Spanish).Replace(Padded(form.Spanish), " ", StringComparison.Ordinal);

        string? other = EnglishWords.FirstOrDefault(word => HasWords(rest, word))
            ?? SpanishWords.FirstOrDefault(word => HasWords(restSpanish, word));
        return other is null ? null : $"contains '{other}', a word of another verb, beside '{form.English}' / '{form.Spanish}'";
    }

    private static string? MistakeIsMistake(CorpusRow row)
    {
        if (row.Label == RowLabel.Correct)
        {
            return row.MisConjugationType is null && row.CorrectForm is null ? null
                : "a correct row has neither mis_conjugation_type nor correct_form";
        }

        if (row.MisConjugationType is not { } type || row.CorrectForm is null)
        {
            return "a mis-conjugated row needs both mis_conjugation_type and correct_form";
        }

        string? expected = CellOf(row) is { } cell ? MisConjugations.Wrong(type, cell) : null;
        return row.Text == expected ? null
            : expected is null ? $"{WireName.Of(type)} cannot happen in {row.CellName}"
            : $"'{row.Text}' is not {WireName.Of(type)}; expected '{expected}'";
    }

    private static IEnumerable<RowProblem> MistakeHasPair(CorpusSources sources)
    {
        var correct = sources.Corpus.Rows.Where(located => located.Row.Label == RowLabel.Correct)
            .Select(located => (located.Row.Text, located.Row.Spanish, located.Row.CellName)).ToHashSet();
        var correctTexts = correct.Select(row => row.Text).ToHashSet(StringComparer.Ordinal);
        foreach (LocatedRow located in sources.Corpus.Rows.Where(located => located.Row.Label == RowLabel.MisConjugated))
        {
            CorpusRow row = located.Row;
            if (!correct.Contains((row.CorrectForm ?? "", row.Spanish, row.CellName)))
            {
                yield return located.Problem($"there is no correct row '{row.CorrectForm}' / '{row.Spanish}' in its cell");
            }
            else if (correctTexts.Contains(row.Text))
            {
                yield return located.Problem($"'{row.Text}' is the text of a correct row");
            }
        }
    }

    private static IEnumerable<CorpusRow> RowsOf(CorpusSources sources, RowKind kind) =>
        sources.Corpus.Rows.Select(located => located.Row).Where(row => row.Kind == kind);

    /// <summary>Whether the words stand in the text whole and side by side.</summary>
    private static bool HasWords(string text, string words) => Padded(text).Contains(Padded(words), StringComparison.Ordinal);

    private static string Padded(string text) => $" {text} ";

    private static RowProblem Whole(CorpusSources sources, string message) => new(sources.Corpus.File, 0, "", message);
}
