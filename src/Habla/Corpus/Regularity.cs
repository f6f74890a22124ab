namespace Habla.Corpus;

/// <summary>Whether a verb follows its language's rules throughout; English and Spanish are judged apart.</summary>
public enum Regularity
{
    /// <summary>Every form follows from the infinitive by rule.</summary>
    Regular,

    /// <summary>At least one form has to be learned: a vowel that changes, a special stem, or a form of its own.</summary>
    Irregular,
}
