namespace Habla.Corpus;

/// <summary>One place in the corpus's table of forms.</summary>
/// <param name="Verb">The verb.</param>
/// <param name="Tense">The tense.</param>
/// <param name="Person">The person; null for the infinitive, whose one form stands for three cells.</param>
public sealed record Cell(Verb Verb, Tense Tense, Person? Person)
{
    /// <summary>Cells in the full table: 20 verbs × 6 tenses × 3 persons.</summary>
    public const int FullCount = 360;

    /// <summary>Distinct forms in the table: the infinitive is one form for three cells.</summary>
    public const int DistinctCount = 320;

    /// <summary>Every distinct cell: verbs as in <see cref="VerbTable.All"/>, then tenses, then persons.</summary>
    public static IReadOnlyList<Cell> All { get; } = [.. VerbTable.All.SelectMany(OfVerb)];

    /// <summary>The cells of one verb: the infinitive, and three persons of each other tense.</summary>
    /// <param name="verb">The verb.</param>
    public static IEnumerable<Cell> OfVerb(Verb verb) =>
        Enum.GetValues<Tense>().SelectMany(tense => PersonsOf(tense).Select(person => new Cell(verb, tense, person)));

    /// <summary>Which persons a tense has: all three, or the single "none" of the infinitive.</summary>
    /// <param name="tense">The tense.</param>
    public static IReadOnlyList<Person?> PersonsOf(Tense tense) => tense == Tense.Infinitive
        ? [null]
        : [Corpus.Person.FirstSingular, Corpus.Person.SecondSingular, Corpus.Person.ThirdSingular];

    /// <summary>The cell's path, for instance "walk/past_simple/3sg" or "walk/infinitive".</summary>
    public override string ToString() => NameOf(Verb.English, Tense, Person);

    internal static string NameOf(string verb, Tense tense, Person? person) =>
        $"{verb}/{WireName.Of(tense)}" + (person is { } some ? $"/{WireName.Of(some)}" : "");
}
