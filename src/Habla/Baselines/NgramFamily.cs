namespace Habla.Baselines;

/// <summary>The two ways in which an n-gram model shares probability with what it has not seen.</summary>
public enum NgramFamily
{
    /// <summary>Every token of the vocabulary is counted α times more than it was seen.</summary>
    AddAlpha,

    /// <summary>Interpolated Kneser–Ney: a discount is taken off each count and handed to the next shorter context.</summary>
    KneserNey,
}
