namespace Habla.Corpus;

/// <summary>Builds the whole corpus: 320 forms, 240 context sentences and 60 mis-conjugated rows.</summary>
public static class CorpusBuilder
{
    /// <summary>Builds every row, always in the same order: forms, contexts, mis-conjugations, each in table order.</summary>
    /// <param name="seed">
    /// Decides which persons the context sentences speak of and which mistakes are shown; the forms do not depend on it.
    /// </param>
    public static IReadOnlyList<CorpusRow> Build(ulong seed)
    {
        var rows = new List<CorpusRow>();
        foreach (Cell cell in Cell.All)
        {
            rows.Add(Row($"form/{cell}", cell, Conjugation.Of(cell), seed));
        }

        foreach ((string id, Cell cell, FormPair sentence) in ContextSentences.All(seed))
        {
            rows.Add(Row(id, cell, sentence, seed));
        }

        foreach ((MisConjugationType type, Cell cell, string wrong) in MisConjugations.Draw(seed))
        {
            FormPair correct = Conjugation.Of(cell);
            CorpusRow row = Row($"mis/{WireName.Of(type)}/{cell}", cell, correct with { English = wrong }, seed);
            rows.Add(row with { Label = RowLabel.MisConjugated, MisConjugationType = type, CorrectForm = correct.English });
        }

        return rows;
    }

    private static CorpusRow Row(string id, Cell cell, FormPair pair, ulong seed) => new()
    {
        Id = id,
        Text = pair.English,
        Spanish = pair.Spanish,
        VerbLemma = cell.Verb.English,
        SpanishLemma = cell.Verb.Spanish,
        Tense = cell.Tense,
        Person = cell.Person,
        EnglishRegularity = cell.Verb.EnglishRegularity,
        SpanishRegularity = cell.Verb.SpanishRegularity,
        Label = RowLabel.Correct,
        MisConjugationType = null,
        CorrectForm = null,
        Seed = seed,
        Fingerprint = CorpusText.Fingerprint(pair.English, pair.Spanish),
    };
}
