namespace Habla.Corpus;

/// <summary>English verb forms: three rules for all regular verbs, and a table for the eight that keep none or few of them.</summary>
public static class EnglishConjugation
{
    private static readonly string[] HissOrO = ["s", "x", "z", "ch", "sh", "o"];

    private static readonly Dictionary<string, IrregularForms> Irregular = new(StringComparer.Ordinal)
    {
        ["be"] = new(["am", "are", "is"], ["was", "were", "was"], "been"),
        ["have"] = new(["have", "have", "has"], ["had", "had", "had"], "had"),
        ["do"] = new(["do", "do", "does"], ["did", "did", "did"], "done"),
        ["go"] = new(["go", "go", "goes"], ["went", "went", "went"], "gone"),
        ["come"] = new(["come", "come", "comes"], ["came", "came", "came"], "come"),
        ["see"] = new(["see", "see", "sees"], ["saw", "saw", "saw"], "seen"),
        ["eat"] = new(["eat", "eat", "eats"], ["ate", "ate", "ate"], "eaten"),
        ["write"] = new(["write", "write", "writes"], ["wrote", "wrote", "wrote"], "written"),
    };

    /// <summary>Whether a verb follows the rules.</summary>
    /// <param name="lemma">The English lemma.</param>
    public static Regularity RegularityOf(string lemma) =>
        Irregular.ContainsKey(lemma) ? Regularity.Irregular : Regularity.Regular;

    /// <summary>A whole form with its subject, for instance "he has walked"; the infinitive is the lemma alone.</summary>
    /// <param name="lemma">The English lemma.</param>
    /// <param name="tense">The tense.</param>
    /// <param name="person">The person; ignored for the infinitive.</param>
    public static string Of(string lemma, Tense tense, Person person) => tense switch
    {
        Tense.Infinitive => lemma,
        Tense.PresentSimple => $"{Subject(person)} {Present(lemma, person)}",
        Tense.PastSimple => $"{Subject(person)} {Past(lemma, person)}",
        Tense.PastParticiple => $"{Subject(person)} {Present("have", person)} {Participle(lemma)}",
        Tense.FutureWill => $"{Subject(person)} will {lemma}",
        Tense.FutureGoingTo => $"{Subject(person)} {Present("be", person)} going to {lemma}",
        _ => throw new ArgumentOutOfRangeException(nameof(tense), tense, "not one of the six tenses"),
    };

    /// <summary>The words that one verb takes by itself, without subject or auxiliary: "go", "goes", "went", "gone".</summary>
    /// <param name="lemma">The English lemma.</param>
    public static IReadOnlyList<string> WordsOf(string lemma) =>
    [
        .. Enum.GetValues<Person>()
            .SelectMany(person => new[] { Present(lemma, person), Past(lemma, person) })
            .Append(lemma).Append(Participle(lemma)).Distinct(),
    ];

    internal static string Subject(Person person) => person switch
    {
        Person.FirstSingular => "I",
        Person.SecondSingular => "you",
        _ => "he",
    };

    internal static string Present(string lemma, Person person) =>
        Irregular.TryGetValue(lemma, out IrregularForms? forms) ? forms.Present[(int)person]
        : person == Person.ThirdSingular ? WithS(lemma)
        : lemma;

    internal static string Past(string lemma, Person person) =>
        Irregular.TryGetValue(lemma, out IrregularForms? forms) ? forms.Past[(int)person] : WithEd(lemma);

    internal static string Participle(string lemma) =>
        Irregular.TryGetValue(lemma, out IrregularForms? forms) ? forms.Participle : WithEd(lemma);

    /// <summary>The rule of the third person: watch → watches, study → studies, play → plays.</summary>
    internal static string WithS(string lemma) =>
        EndsInConsonantAndY(lemma) ? lemma[..^1] + "ies"
        : EndsInHissOrO(lemma) ? lemma + "es"
        : lemma + "s";

    /// <summary>The rule of the past and the participle: like → liked, study → studied, play → played.</summary>
    internal static string WithEd(string lemma) =>
        EndsInConsonantAndY(lemma) ? lemma[..^1] + "ied"
        : lemma.EndsWith('e') ? lemma + "d"
        : lemma + "ed";

    private static bool EndsInConsonantAndY(string lemma) =>
        lemma.Length > 1 && lemma[^1] == 'y' && !"aeiou".Contains(lemma[^2], StringComparison.Ordinal);

    private static bool EndsInHissOrO(string lemma) =>
        HissOrO.Any(ending => lemma.EndsWith(ending, StringComparison.Ordinal));

    /// <param name="Present">Present of the three persons.</param>
    /// <param name="Past">Simple past of the three persons.</param>
    /// <param name="Participle">Past participle.</param>
    private sealed record IrregularForms(string[] Present, string[] Past, string Participle);
}
