namespace Habla.Corpus;

/// <summary>One of the corpus's verbs.</summary>
/// <param name="English">The English lemma, for instance "walk".</param>
/// <param name="Spanish">The Spanish lemma, for instance "caminar"; two English verbs may share one.</param>
public sealed record Verb(string English, string Spanish)
{
    /// <summary>Whether English conjugates it by rule.</summary>
    public Regularity EnglishRegularity => EnglishConjugation.RegularityOf(English);

    /// <summary>Whether Spanish conjugates it by rule; independent of English (to eat is irregular, comer is not).</summary>
    public Regularity SpanishRegularity => SpanishConjugation.RegularityOf(Spanish);
}
