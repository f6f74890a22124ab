namespace Habla.Corpus;

/// <summary>
/// Spanish verb forms: the endings of -ar, -er and -ir verbs, the spelling rule before e, and a table that names what is
/// special about each irregular verb and leaves the rest of it to the rules.
/// </summary>
public static class SpanishConjugation
{
    private static readonly string[] Haber = ["he", "has", "ha"];
    private static readonly string[] IrPresent = ["voy", "vas", "va"];
    private static readonly string[] FutureEndings = ["é", "ás", "á"];
    private static readonly string[] StrongPreteriteEndings = ["e", "iste", "o"];

    private static readonly Dictionary<string, SpanishIrregularity> Irregular = new(StringComparer.Ordinal)
    {
        ["jugar"] = new() { StemChange = SpanishStemChange.UToUe },
        ["empezar"] = new() { StemChange = SpanishStemChange.EToIe },
        ["querer"] = new() { StemChange = SpanishStemChange.EToIe, StrongPreteriteStem = "quis", FutureStem = "querr" },
        ["estar"] = new() { Present = ["estoy", "estás", "está"], StrongPreteriteStem = "estuv" },
        ["tener"] = new()
        {
            StemChange = SpanishStemChange.EToIe, YoPresent = "tengo", StrongPreteriteStem = "tuv", FutureStem = "tendr",
        },
        ["venir"] = new()
        {
            StemChange = SpanishStemChange.EToIe, YoPresent = "vengo", StrongPreteriteStem = "vin", FutureStem = "vendr",
        },
        ["hacer"] = new()
        {
            YoPresent = "hago", Preterite = ["hice", "hiciste", "hizo"], Participle = "hecho", FutureStem = "har",
        },
        ["ir"] = new() { Present = IrPresent, Preterite = ["fui", "fuiste", "fue"], Participle = "ido" },
        ["ver"] = new() { YoPresent = "veo", Preterite = ["vi", "viste", "vio"], Participle = "visto" },
        ["escribir"] = new() { Participle = "escrito" },
    };

    /// <summary>Whether a verb follows the rules; a change that only keeps the sound in writing (jugué) is a rule.</summary>
    /// <param name="lemma">The Spanish lemma.</param>
    public static Regularity RegularityOf(string lemma) =>
        Irregular.ContainsKey(lemma) ? Regularity.Irregular : Regularity.Regular;

    /// <summary>Whether the liked thing is the subject: "me gusta" is "I like", literally "it pleases me".</summary>
    /// <param name="lemma">The Spanish lemma.</param>
    public static bool IsInverted(string lemma) => lemma == "gustar";

    /// <summary>A whole form with its subject, for instance "él ha caminado"; the infinitive is the lemma alone.</summary>
    /// <param name="lemma">The Spanish lemma, ending in -ar, -er or -ir.</param>
    /// <param name="tense">The tense.</param>
    /// <param name="person">The person, for gustar the one who likes; ignored for the infinitive.</param>
    public static string Of(string lemma, Tense tense, Person person)
    {
        if (tense == Tense.Infinitive)
        {
            return lemma;
        }

        return IsInverted(lemma)
            ? $"{IndirectObject(person)} {Predicate(lemma, tense, Person.ThirdSingular)}"
            : $"{Subject(person)} {Predicate(lemma, tense, person)}";
    }

    /// <summary>The words that one verb takes by itself, without subject or auxiliary.</summary>
    /// <param name="lemma">The Spanish lemma.</param>
    public static IReadOnlyList<string> WordsOf(string lemma) =>
    [
        .. Enum.GetValues<Person>()
            .SelectMany(person => new[] { Present(lemma, person), Preterite(lemma, person), Future(lemma, person) })
            .Append(lemma).Append(Participle(lemma)).Distinct(),
    ];

    private static string Predicate(string lemma, Tense tense, Person person) => tense switch
    {
        Tense.PresentSimple => Present(lemma, person),
        Tense.PastSimple => Preterite(lemma, person),
        Tense.PastParticiple => $"{Haber[(int)person]} {Participle(lemma)}",
        Tense.FutureWill => Future(lemma, person),
        Tense.FutureGoingTo => $"{IrPresent[(int)person]} a {lemma}",
        _ => throw new ArgumentOutOfRangeException(nameof(tense), tense, "not one of the six tenses"),
    };

    private static string Present(string lemma, Person person)
    {
        SpanishIrregularity special = SpecialOf(lemma);
        if (special.Present is { } all)
        {
            return all[(int)person];
        }

        if (person == Person.FirstSingular && special.YoPresent is { } yo)
        {
            return yo;
        }

        string[] endings = lemma.EndsWith("ar", StringComparison.Ordinal) ? ["o", "as", "a"] : ["o", "es", "e"];
        return StressedStem(lemma, special.StemChange) + endings[(int)person];
    }

    private static string Preterite(string lemma, Person person)
    {
        SpanishIrregularity special = SpecialOf(lemma);
        if (special.Preterite is { } all)
        {
            return all[(int)person];
        }

        if (special.StrongPreteriteStem is { } strong)
        {
            return strong + StrongPreteriteEndings[(int)person];
        }

        if (!lemma.EndsWith("ar", StringComparison.Ordinal))
        {
            return Stem(lemma) + ((string[])["í", "iste", "ió"])[(int)person];
        }

        return person == Person.FirstSingular
            ? SpelledBeforeE(Stem(lemma)) + "é"
            : Stem(lemma) + (person == Person.SecondSingular ? "aste" : "ó");
    }

    private static string Participle(string lemma) =>
        SpecialOf(lemma).Participle ?? Stem(lemma) + (lemma.EndsWith("ar", StringComparison.Ordinal) ? "ado" : "ido");

    private static string Future(string lemma, Person person) =>
        (SpecialOf(lemma).FutureStem ?? lemma) + FutureEndings[(int)person];

    private static string Stem(string lemma) => lemma[..^2];

    /// <summary>The stem where it is stressed: jug- → jueg-, empez- → empiez-.</summary>
    private static string StressedStem(string lemma, SpanishStemChange change)
    {
        string stem = Stem(lemma);
        (char from, string to) = change switch
        {
            SpanishStemChange.EToIe => ('e', "ie"),
            SpanishStemChange.UToUe => ('u', "ue"),
            _ => ('\0', ""),
        };
        int at = stem.LastIndexOf(from);
        return at < 0 ? stem : stem[..at] + to + stem[(at + 1)..];
    }

    /// <summary>Keeps the sound of the stem before an e: jug- → jugu-, empez- → empec-, busc- → busqu-.</summary>
    private static string SpelledBeforeE(string stem) => stem[^1] switch
    {
        'g' => stem + "u",
        'z' => stem[..^1] + "c",
        'c' => stem[..^1] + "qu",
        _ => stem,
    };

    private static string Subject(Person person) => person switch
    {
        Person.FirstSingular => "yo",
        Person.SecondSingular => "tú",
        _ => "él",
    };

    private static string IndirectObject(Person person) => person switch
    {
        Person.FirstSingular => "me",
        Person.SecondSingular => "te",
        _ => "le",
    };

    private static SpanishIrregularity SpecialOf(string lemma) => Irregular.GetValueOrDefault(lemma, SpanishIrregularity.None);
}
