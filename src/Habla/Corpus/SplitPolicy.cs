namespace Habla.Corpus;

/// <summary>What is kept away from training together, and so what a score on the held-out rows says.</summary>
public enum SplitPolicy
{
    /// <summary>"verbs_4": four whole verbs. Can the model conjugate a verb it has never met?</summary>
    Verbs4,

    /// <summary>"verb_tense": pairs of verb and tense. Can it put a known verb into a tense it has not met it in?</summary>
    VerbTense,

    /// <summary>"cell": triples of verb, tense and person. Can it fill one gap in a known table?</summary>
    Cell,
}
