namespace Habla.Corpus;

/// <summary>Whether a row's English is right. Language-model training reads only <see cref="Correct"/> rows unless asked.</summary>
public enum RowLabel
{
    /// <summary>The English and the Spanish are both correct.</summary>
    Correct,

    /// <summary>The English is wrong in one known way; the Spanish is correct.</summary>
    MisConjugated,
}
