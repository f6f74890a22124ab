using System.Globalization;
using System.Security.Cryptography;
using Habla.Corpus;

namespace Habla.Tests.Corpus;

public class CorpusBuilderTests
{
    private static readonly IReadOnlyList<CorpusRow> Rows = CorpusBuilder.Build(42);

    /// <summary>
    /// The corpus of seed 42 has the same bytes on every machine. A change here is a new corpus: say so where it is used.
    /// </summary>
    [Fact]
    public void Seed_42_gives_these_bytes() => Assert.Equal(
        "b14a7b81a5491989e7a4b51ba0145f42147895dddbe993616cc42163fb7458be", Hash(CorpusFile.ToBytes(Rows)));

    [Theory]
    [InlineData(SplitPolicy.Verbs4, 
        "928fc4bd4b9cf098c6b1f6c60930f4a5e2f6d5583bc51784486cb653cdf99565 " +
        "428daf442b79d5c71027ddf357d53ae92fde3af13c9462e9017db81d6068bc79 " +
        "1817c36eff2d1712f062fc12b176afd495eff9cfc23d6a005b8316d485630d72")]
    [InlineData(SplitPolicy.VerbTense, 
        "ebc1af8cc9ff5e06f0c82118d2da99240fafd0d2003522fb16006bf7df191add " +
        "381a559106d8c17e6477ac950a94114f8613b2c859365a1d02e2cef28e006829 " +
        "57a6cceca9887e2610728cbb173df3e81c91613ce3f8a07d6c732d396031fd70")]
    [InlineData(SplitPolicy.Cell, 
        "10ac9d54bebb225f837fdfa02e5a048eee25294c4edcfae7910d9af339422585 " +
        "0d53515016116cb72e8eb909ab5d3c02638e27aafb76448b67098701b195cd8d " +
        "b962292bf0c9535e072481410bb8c0c5c5f347dc70b6aab785e4232a4e10fe2f")]
    public void Seed_42_gives_these_splits(SplitPolicy policy, string trainValTest)
    {
        CorpusSplit split = CorpusSplitter.Split(Rows, policy, 42);
        string[] hashes = [.. split.Parts.Select(part => Hash(CorpusFile.ToBytes(part.Rows)))];
        Assert.Equal(trainValTest, string.Join(' ', hashes));
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_in_any_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        var odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        odd.NumberFormat.NumberGroupSeparator = "_";
        odd.NumberFormat.NegativeSign = "~";
        odd.NumberFormat.NumberDecimalSeparator = ",";
        try
        {
            CultureInfo.CurrentCulture = odd;
            Assert.Equal(CorpusFile.ToBytes(Rows), CorpusFile.ToBytes(CorpusBuilder.Build(42)));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Another_seed_changes_sentences_and_mistakes_but_no_form()
    {
        IReadOnlyList<CorpusRow> other = CorpusBuilder.Build(43);
        Assert.Equal(Texts(Rows, RowKind.Form), Texts(other, RowKind.Form));
        Assert.NotEqual(Texts(Rows, RowKind.Context), Texts(other, RowKind.Context));
        Assert.NotEqual(Texts(Rows, RowKind.MisConjugated), Texts(other, RowKind.MisConjugated));
    }

    [Fact]
    public void There_are_320_forms_240_sentences_and_ten_mistakes_of_each_type()
    {
        Assert.Equal(320, Texts(Rows, RowKind.Form).Count());
        Assert.Equal(240, Texts(Rows, RowKind.Context).Distinct().Count());
        Assert.All(
            Rows.Where(row => row.Kind == RowKind.MisConjugated).CountBy(row => row.MisConjugationType!.Value),
            type => Assert.Equal(10, type.Value));
        Assert.Equal(60, Rows.Count(row => row.Label == RowLabel.MisConjugated));
    }

    [Fact]
    public void Twenty_sentences_and_more_are_short_and_every_form_is()
    {
        Assert.InRange(Rows.Count(row => row.Kind == RowKind.Context && Sequence(row).Length < 45), 20, 240);
        Assert.All(Rows.Where(row => row.Kind == RowKind.Form), row => Assert.InRange(Sequence(row).Length, 1, 49));
    }

    [Theory]
    [InlineData("form/walk/past_simple/3sg", "he walked", "él caminó")]
    [InlineData("form/walk/infinitive", "walk", "caminar")]
    [InlineData("form/like/present_simple/1sg", "I like", "me gusta")]
    [InlineData("context/like/infinitive/1", "you might like winter", "te puede gustar el invierno")]
    public void Ids_name_the_cell(string id, string text, string spanish)
    {
        CorpusRow row = Assert.Single(Rows, row => row.Id == id);
        Assert.Equal((text, spanish), (row.Text, row.Spanish));
    }

    [Theory]
    [InlineData(MisConjugationType.MissingThirdPersonS, "study", Tense.PresentSimple, Person.ThirdSingular, "he study")]
    [InlineData(MisConjugationType.MissingThirdPersonS, "be", Tense.PresentSimple, Person.ThirdSingular, null)]
    [InlineData(MisConjugationType.MissingThirdPersonS, "study", Tense.PresentSimple, Person.FirstSingular, null)]
    [InlineData(MisConjugationType.OverRegularizedPast, "go", Tense.PastSimple, Person.ThirdSingular, "he goed")]
    [InlineData(MisConjugationType.OverRegularizedPast, "walk", Tense.PastSimple, Person.ThirdSingular, null)]
    [InlineData(MisConjugationType.OverRegularizedParticiple, "write", Tense.PastParticiple, Person.FirstSingular, "I have writed")]
    [InlineData(MisConjugationType.WrongAuxiliary, "walk", Tense.PastParticiple, Person.ThirdSingular, "he have walked")]
    [InlineData(MisConjugationType.WrongAuxiliary, "walk", Tense.PastParticiple, Person.SecondSingular, "you has walked")]
    [InlineData(MisConjugationType.DoubledPast, "go", Tense.PastSimple, Person.SecondSingular, "you did went")]
    [InlineData(MisConjugationType.WrongBeForm, "be", Tense.PresentSimple, Person.ThirdSingular, "he are")]
    [InlineData(MisConjugationType.WrongBeForm, "be", Tense.PastSimple, Person.SecondSingular, "you was")]
    [InlineData(MisConjugationType.WrongBeForm, "eat", Tense.FutureGoingTo, Person.FirstSingular, "I is going to eat")]
    [InlineData(MisConjugationType.WrongBeForm, "eat", Tense.PresentSimple, Person.FirstSingular, null)]
    public void Each_mistake_is_made_where_it_can_happen(MisConjugationType type, string verb, Tense tense, Person person, string? wrong) =>
        Assert.Equal(wrong, MisConjugations.Wrong(type, new Cell(VerbTable.Find(verb)!, tense, person)));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(ulong.MaxValue)]
    public void Any_seed_gives_a_corpus_that_passes_every_check(ulong seed)
    {
        ValidationReport report = CorpusValidator.Validate(CorpusBuilder.Build(seed), seed);
        Assert.True(report.Passed, string.Join('\n', report.Checks.SelectMany(check => check.Problems)));
    }

    private static IEnumerable<string> Texts(IReadOnlyList<CorpusRow> rows, RowKind kind) =>
        rows.Where(row => row.Kind == kind).Select(row => row.Text);

    private static string Sequence(CorpusRow row) => $"es:{row.Spanish} / en:{row.Text}";

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
