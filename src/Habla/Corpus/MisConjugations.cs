using Habla.Tensors;

namespace Habla.Corpus;

/// <summary>Makes wrong English forms on purpose: ten of each type, drawn by the seed from every place where it can happen.</summary>
internal static class MisConjugations
{
    /// <summary>How many rows each of the six types has.</summary>
    public const int PerType = 10;

    /// <summary>The drawn mistakes, types in order, within a type in table order.</summary>
    public static IEnumerable<(MisConjugationType Type, Cell Cell, string Wrong)> Draw(ulong seed) =>
        Enum.GetValues<MisConjugationType>().SelectMany(type =>
        {
            var random = new SeededRandom(seed, RandomPurpose.Corpus, CorpusStream.MisConjugations + (uint)type);
            return Pick(type, random).Select(cell => (type, cell, Wrong(type, cell)!));
        });

    /// <summary>The wrong English of a type in a cell, or null where that mistake cannot happen.</summary>
    public static string? Wrong(MisConjugationType type, Cell cell)
    {
        if (cell.Person is not { } person)
        {
            return null;
        }

        string subject = EnglishConjugation.Subject(person);
        string verb = cell.Verb.English;

        // Nobody says "bed" for was: be has no regular-looking past to fall into.
        bool overRegularizes = cell.Verb.EnglishRegularity == Regularity.Irregular && verb != "be";
        return (type, cell.Tense) switch
        {
            (MisConjugationType.MissingThirdPersonS, Tense.PresentSimple) when person == Person.ThirdSingular && verb != "be" =>
                $"{subject} {verb}",
            (MisConjugationType.OverRegularizedPast, Tense.PastSimple) when overRegularizes =>
                $"{subject} {EnglishConjugation.WithEd(verb)}",
            (MisConjugationType.OverRegularizedParticiple, Tense.PastParticiple) when overRegularizes =>
                $"{subject} {EnglishConjugation.Present("have", person)} {EnglishConjugation.WithEd(verb)}",
            (MisConjugationType.WrongAuxiliary, Tense.PastParticiple) =>
                $"{subject} {(person == Person.ThirdSingular ? "have" : "has")} {EnglishConjugation.Participle(verb)}",
            (MisConjugationType.DoubledPast, Tense.PastSimple) =>
                $"{subject} did {EnglishConjugation.Past(verb, person)}",
            (MisConjugationType.WrongBeForm, Tense.PresentSimple) when verb == "be" =>
                $"{subject} {WrongBe(person)}",
            (MisConjugationType.WrongBeForm, Tense.PastSimple) when verb == "be" =>
                $"{subject} {(person == Person.SecondSingular ? "was" : "were")}",
            (MisConjugationType.WrongBeForm, Tense.FutureGoingTo) =>
                $"{subject} {WrongBe(person)} going to {verb}",
            _ => null,
        };
    }

    private static IEnumerable<Cell> Pick(MisConjugationType type, SeededRandom random)
    {
        Cell[] places = [.. Cell.All.Where(cell => Wrong(type, cell) is not null)];

        // be has six places of its own and "going to" sixty: without a share of its own be would hardly be drawn.
        Cell[] own = type == MisConjugationType.WrongBeForm ? [.. places.Where(cell => cell.Tense != Tense.FutureGoingTo)] : [];
        Cell[] others = [.. places.Except(own)];
        random.Shuffle<Cell>(own);
        random.Shuffle<Cell>(others);
        HashSet<Cell> chosen = [.. own.Take(PerType / 2)];
        chosen.UnionWith(others.Take(PerType - chosen.Count));
        return Cell.All.Where(chosen.Contains);
    }

    private static string WrongBe(Person person) => person == Person.ThirdSingular ? "are" : "is";
}
