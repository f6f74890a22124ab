namespace Habla.Corpus;

/// <summary>The six verb forms of the corpus, each written in English and in Spanish.</summary>
public enum Tense
{
    /// <summary>"walk" / "caminar": has no person, so that one row covers three cells.</summary>
    Infinitive,

    /// <summary>"he walks" / "él camina".</summary>
    PresentSimple,

    /// <summary>"he walked" / "él caminó" (pretérito indefinido).</summary>
    PastSimple,

    /// <summary>"he has walked" / "él ha caminado": the participle with the auxiliary that lets it bear a person.</summary>
    PastParticiple,

    /// <summary>"he will walk" / "él caminará" (futuro simple).</summary>
    FutureWill,

    /// <summary>"he is going to walk" / "él va a caminar".</summary>
    FutureGoingTo,
}
