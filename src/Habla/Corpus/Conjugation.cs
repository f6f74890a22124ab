namespace Habla.Corpus;

/// <summary>The conjugation table: any cell of it, in both languages.</summary>
public static class Conjugation
{
    /// <summary>The pair of forms in a cell, for instance "he walked" / "él caminó".</summary>
    /// <param name="cell">Verb, tense and person.</param>
    /// <exception cref="ArgumentException">A tense other than the infinitive has no person.</exception>
    public static FormPair Of(Cell cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        if (cell.Person is null && cell.Tense != Tense.Infinitive)
        {
            throw new ArgumentException($"{cell}: this tense needs a person; only the infinitive has none", nameof(cell));
        }

        return Of(cell.Verb, cell.Tense, cell.Person ?? Person.FirstSingular);
    }

    /// <summary>The pair of forms of a verb, a tense and a person.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="tense">The tense.</param>
    /// <param name="person">The person; the infinitive is the same for all three.</param>
    public static FormPair Of(Verb verb, Tense tense, Person person)
    {
        ArgumentNullException.ThrowIfNull(verb);
        return new FormPair(
            EnglishConjugation.Of(verb.English, tense, person),
            SpanishConjugation.Of(verb.Spanish, tense, person));
    }
}
