namespace Habla.Corpus;

/// <summary>One row of the verb corpus: a piece of English, its Spanish, and what is known of them.</summary>
public sealed record CorpusRow
{
    /// <summary>A name that never changes: "form/walk/past_simple/3sg", "context/…", "mis/TYPE/…".</summary>
    public required string Id { get; init; }

    /// <summary>The English, for instance "he walked to school yesterday"; lower case except "I", no full stop.</summary>
    public required string Text { get; init; }

    /// <summary>The Spanish, always correct.</summary>
    public required string Spanish { get; init; }

    /// <summary>The English verb, for instance "walk".</summary>
    public required string VerbLemma { get; init; }

    /// <summary>The Spanish verb, for instance "caminar".</summary>
    public required string SpanishLemma { get; init; }

    /// <summary>The tense of the verb form.</summary>
    public required Tense Tense { get; init; }

    /// <summary>The person of the verb form; null for the infinitive.</summary>
    public required Person? Person { get; init; }

    /// <summary>Whether English conjugates the verb by rule.</summary>
    public required Regularity EnglishRegularity { get; init; }

    /// <summary>Whether Spanish conjugates the verb by rule.</summary>
    public required Regularity SpanishRegularity { get; init; }

    /// <summary>Whether the English is right.</summary>
    public required RowLabel Label { get; init; }

    /// <summary>What is wrong with the English; null in a correct row.</summary>
    public required MisConjugationType? MisConjugationType { get; init; }

    /// <summary>What the English should say; null in a correct row.</summary>
    public required string? CorrectForm { get; init; }

    /// <summary>The seed the corpus was built with.</summary>
    public required ulong Seed { get; init; }

    /// <summary><see cref="CorpusText.Fingerprint"/> of the text and the Spanish.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>A form, a context sentence or a mis-conjugation, as the id says.</summary>
    public RowKind Kind =>
        Id.StartsWith("context/", StringComparison.Ordinal) ? RowKind.Context
        : Id.StartsWith("mis/", StringComparison.Ordinal) ? RowKind.MisConjugated
        : RowKind.Form;

    /// <summary>The row's cell as a path, for instance "walk/past_simple/3sg".</summary>
    public string CellName => Cell.NameOf(VerbLemma, Tense, Person);
}
