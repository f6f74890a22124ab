namespace Habla.Corpus;

/// <summary>The six mistakes that the mis-conjugated rows show, each the kind a learner makes.</summary>
public enum MisConjugationType
{
    /// <summary>"he walk" for "he walks".</summary>
    MissingThirdPersonS,

    /// <summary>"he goed" for "he went".</summary>
    OverRegularizedPast,

    /// <summary>"he has goed" for "he has gone".</summary>
    OverRegularizedParticiple,

    /// <summary>"he have walked" for "he has walked".</summary>
    WrongAuxiliary,

    /// <summary>"he did went" for "he went": the past is marked twice.</summary>
    DoubledPast,

    /// <summary>"he are" for "he is", "he are going to walk" for "he is going to walk".</summary>
    WrongBeForm,
}
