using Habla.Corpus;

namespace Habla.Tests.Corpus;

public class CorpusSplitterTests
{
    private static readonly IReadOnlyList<CorpusRow> Rows = CorpusBuilder.Build(42);

    [Theory]
    [InlineData(SplitPolicy.Verbs4)]
    [InlineData(SplitPolicy.VerbTense)]
    [InlineData(SplitPolicy.Cell)]
    public void Every_row_is_in_exactly_one_part_and_no_text_is_in_two(SplitPolicy policy)
    {
        CorpusSplit split = CorpusSplitter.Split(Rows, policy, 42);
        Assert.Equal(Rows.Count, split.Parts.Sum(part => part.Rows.Count));
        Assert.Equal(Rows.Count, split.Parts.SelectMany(part => part.Rows).Distinct().Count());
        var english = split.Parts.SelectMany(part => part.Rows.Select(row => row.Text).Distinct()).ToArray();
        var spanish = split.Parts.SelectMany(part => part.Rows.Select(row => row.Spanish).Distinct()).ToArray();
        Assert.Equal(english.Distinct().Count(), english.Length);
        Assert.Equal(spanish.Distinct().Count(), spanish.Length);
    }

    [Theory]
    [InlineData(SplitPolicy.Verbs4)]
    [InlineData(SplitPolicy.VerbTense)]
    [InlineData(SplitPolicy.Cell)]
    public void A_mistake_goes_where_its_correct_pair_goes(SplitPolicy policy)
    {
        foreach ((_, IReadOnlyList<CorpusRow> part) in CorpusSplitter.Split(Rows, policy, 42).Parts)
        {
            HashSet<string> correct = [.. part.Where(row => row.Kind == RowKind.Form).Select(row => row.Text)];
            Assert.All(part.Where(row => row.Label == RowLabel.MisConjugated), row => Assert.Contains(row.CorrectForm!, correct));
        }
    }

    [Fact]
    public void Verbs_4_holds_out_two_regular_and_two_irregular_verbs_whatever_the_seed()
    {
        CorpusSplit split = CorpusSplitter.Split(Rows, SplitPolicy.Verbs4, 42);
        Assert.Equal(
            [Regularity.Regular, Regularity.Regular, Regularity.Irregular, Regularity.Irregular],
            CorpusSplitter.HeldOutVerbs.Select(verb => VerbTable.Find(verb)!.EnglishRegularity));
        Assert.Equal(64, split.Val.Count(row => row.Kind == RowKind.Form));
        Assert.DoesNotContain(split.Val, row => row.Kind == RowKind.Context);
        Assert.Equal(48, split.Test.Count);
        Assert.All(split.Test, row => Assert.Equal(RowKind.Context, row.Kind));
        Assert.Equal(split.Val, CorpusSplitter.Split(Rows, SplitPolicy.Verbs4, 1).Val);
    }

    [Theory]
    [InlineData(SplitPolicy.VerbTense, 18, 12, 114)]
    [InlineData(SplitPolicy.Cell, 48, 32, 304)]
    public void The_shares_are_those_promised(SplitPolicy policy, int val, int test, int all)
    {
        CorpusSplit split = CorpusSplitter.Split(Rows, policy, 42);
        Assert.Equal((val, test, all), (Groups(split.Val), Groups(split.Test), Groups(Rows)));

        int Groups(IEnumerable<CorpusRow> rows) =>
            rows.Select(row => (row.SpanishLemma, row.Tense, policy == SplitPolicy.Cell ? row.Person : null)).Distinct().Count();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(42)]
    [InlineData(12345)]
    public void With_any_seed_train_still_meets_every_verb_every_tense_and_two_persons_of_each_pair(ulong seed)
    {
        CorpusSplit pairs = CorpusSplitter.Split(Rows, SplitPolicy.VerbTense, seed);
        Assert.Equal(20, pairs.Train.Select(row => row.VerbLemma).Distinct().Count());
        Assert.Equal(6, pairs.Train.Select(row => row.Tense).Distinct().Count());

        CorpusSplit cells = CorpusSplitter.Split(Rows, SplitPolicy.Cell, seed);
        foreach (var pair in cells.Train.Where(row => row.Kind == RowKind.Form && row.Person is not null)
            .GroupBy(row => (row.VerbLemma, row.Tense)))
        {
            Assert.InRange(pair.Count(), 2, 3);
        }
    }

    [Fact]
    public void Another_seed_holds_out_other_cells() => Assert.NotEqual(
        CorpusSplitter.Split(Rows, SplitPolicy.Cell, 42).Val, CorpusSplitter.Split(Rows, SplitPolicy.Cell, 43).Val);

    [Fact]
    public void A_corpus_too_small_for_a_policy_is_refused()
    {
        CorpusRow[] one = [.. Rows.Where(row => row.VerbLemma == "walk")];
        Assert.All(Enum.GetValues<SplitPolicy>(), policy =>
        {
            var error = Assert.Throws<InvalidInputException>(() => CorpusSplitter.Split(one, policy, 42));
            Assert.Contains(WireName.Of(policy), error.Message, StringComparison.Ordinal);
        });
    }
}
