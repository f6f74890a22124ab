namespace Habla.Corpus;

/// <summary>What a row of the corpus is; the first part of its id says it.</summary>
public enum RowKind
{
    /// <summary>A bare verb form, id "form/…".</summary>
    Form,

    /// <summary>A sentence around a verb form, id "context/…".</summary>
    Context,

    /// <summary>A wrong English form beside its correct Spanish, id "mis/…".</summary>
    MisConjugated,
}
