namespace Habla.Tokenization;

/// <summary>Characters that get a token whether or not the training text has them.</summary>
public static class ReservedAlphabet
{
    /// <summary>
    /// What the verb corpus and questions about it need, so that no held-out row and no prompt meets an unknown character:
    /// the letters of English and Spanish, the marks of a sequence, the blank and the punctuation of sentences, and the capitals
    /// that begin "I", "He" and "You". Kept small: in a vocabulary of 64 each character here costs a merge.
    /// </summary>
    public const string Verbs = " :/_.,?!HIYabcdefghijklmnopqrstuvwxyzáéíñóú";
}
