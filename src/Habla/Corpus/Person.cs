namespace Habla.Corpus;

/// <summary>The grammatical person of a verb form; the corpus has the three singular ones.</summary>
public enum Person
{
    /// <summary>I / yo, written "1sg".</summary>
    FirstSingular,

    /// <summary>you / tú, written "2sg".</summary>
    SecondSingular,

    /// <summary>he / él, written "3sg".</summary>
    ThirdSingular,
}
