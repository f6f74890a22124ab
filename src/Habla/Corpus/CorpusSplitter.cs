using Habla.Tensors;

namespace Habla.Corpus;

/// <summary>Cuts a corpus into train, val and test so that what is held out is truly unseen.</summary>
/// <remarks>
/// Rows are held out by Spanish verb, not by English: watch and look share every Spanish form (mirar), so they go together and
/// rows with the same text always share a part. A mis-conjugated row has the cell of its correct pair and so goes with it.
/// </remarks>
public static class CorpusSplitter
{
    /// <summary>The share of verbs that val takes in each stratum of verb_tense and cell.</summary>
    public const double ValFraction = 0.15;

    /// <summary>The share of verbs that test takes in each stratum of verb_tense and cell.</summary>
    public const double TestFraction = 0.10;

    private enum Part
    {
        Train,
        Val,
        Test,
    }

    /// <summary>
    /// The verbs that verbs_4 holds out: two regular and two irregular, chosen before any model was trained and none of them
    /// sharing its Spanish with another.
    /// </summary>
    public static IReadOnlyList<string> HeldOutVerbs { get; } = ["play", "finish", "eat", "write"];

    /// <summary>Splits a corpus; the rows keep their order.</summary>
    /// <param name="rows">The corpus.</param>
    /// <param name="policy">What is held out.</param>
    /// <param name="seed">Chooses the pairs or cells that are held out; verbs_4 does not depend on it.</param>
    /// <exception cref="InvalidInputException">The corpus is too small: a part would be empty.</exception>
    public static CorpusSplit Split(IReadOnlyList<CorpusRow> rows, SplitPolicy policy, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(rows);
        Func<CorpusRow, Part> partOf = policy == SplitPolicy.Verbs4 ? PartByVerb : PartByTurn(rows, policy, seed);
        ILookup<Part, CorpusRow> parts = rows.ToLookup(partOf);
        var split = new CorpusSplit(policy, seed, [.. parts[Part.Train]], [.. parts[Part.Val]], [.. parts[Part.Test]]);
        foreach ((string name, IReadOnlyList<CorpusRow> part) in split.Parts)
        {
            if (part.Count == 0)
            {
                throw new InvalidInputException(
                    $"{WireName.Of(policy)} leaves nothing for {name}: the corpus has {rows.Count} rows, "
                    + "too few verbs for this policy"
                    + (policy == SplitPolicy.Verbs4 ? $" or no {string.Join(", ", HeldOutVerbs)}" : "")
                    + ". Split a corpus made by `habla corpus build`.");
            }
        }

        return split;
    }

    /// <summary>Whole verbs: the forms of the four are val, their sentences test, everything else train.</summary>
    private static Part PartByVerb(CorpusRow row) =>
        !HeldOutVerbs.Contains(row.VerbLemma) ? Part.Train
        : row.Kind == RowKind.Context ? Part.Test
        : Part.Val;

    /// <summary>
    /// The verbs stand in one drawn order, as if around a table. In each stratum (a tense, or a tense and a person) the next few
    /// are val and the few after them test, and the next stratum goes on where this one stopped: every verb is held out about
    /// equally often, and with 19 verbs never in two persons of the same tense.
    /// </summary>
    private static Func<CorpusRow, Part> PartByTurn(IReadOnlyList<CorpusRow> rows, SplitPolicy policy, ulong seed)
    {
        string[] order = [.. rows.Select(row => row.SpanishLemma).Distinct()];
        new SeededRandom(seed, RandomPurpose.Corpus, CorpusStream.HeldOutVerbs).Shuffle<string>(order);
        Dictionary<string, int> place = order.Index().ToDictionary(verb => verb.Item, verb => verb.Index, StringComparer.Ordinal);

        int val = (int)Math.Round(order.Length * ValFraction, MidpointRounding.AwayFromZero);
        int test = (int)Math.Round(order.Length * TestFraction, MidpointRounding.AwayFromZero);
        return row =>
        {
            int start = Stratum(row, policy) * (val + test) % order.Length;
            int turn = (place[row.SpanishLemma] - start + order.Length) % order.Length;
            return turn < val ? Part.Val : turn < val + test ? Part.Test : Part.Train;
        };
    }

    private static int Stratum(CorpusRow row, SplitPolicy policy) => policy == SplitPolicy.VerbTense
        ? (int)row.Tense
        : ((int)row.Tense * 3) + (int)(row.Person ?? Person.FirstSingular);
}
