using Habla.Corpus;

namespace Habla.Tests.Corpus;

public class ConjugationTests
{
    [Fact]
    public void The_table_has_320_distinct_forms_that_stand_for_360_cells()
    {
        Assert.Equal(Cell.DistinctCount, Cell.All.Count);
        Assert.Equal(Cell.FullCount, Cell.All.Sum(cell => cell.Person is null ? 3 : 1));
        Assert.Equal(Cell.DistinctCount, Cell.All.Select(Conjugation.Of).Distinct().Count());
        Assert.Equal(Cell.DistinctCount, Cell.All.Select(cell => Conjugation.Of(cell).English).Distinct().Count());
    }

    [Fact]
    public void A_tense_without_its_person_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => Conjugation.Of(new Cell(VerbTable.All[0], Tense.PastSimple, null)));
        Assert.Contains("work/past_simple", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_name_in_files_leads_back_to_its_value()
    {
        Assert.Equal(["1sg", "2sg", "3sg"], WireName.All<Person>());
        Assert.Equal(["verbs_4", "verb_tense", "cell"], WireName.All<SplitPolicy>());
        Assert.Equal(
            ["infinitive", "present_simple", "past_simple", "past_participle", "future_will", "future_going_to"], WireName.All<Tense>());
        Assert.Equal(
            [
                "missing_third_person_s", "over_regularized_past", "over_regularized_participle", "wrong_auxiliary", "doubled_past",
                "wrong_be_form",
            ],
            WireName.All<MisConjugationType>());
        Assert.All(Enum.GetValues<Tense>(), tense => Assert.True(WireName.TryParse(WireName.Of(tense), out Tense back) && back == tense));
        Assert.False(WireName.TryParse("Past_Simple", out Tense _));
        Assert.False(WireName.TryParse<Person>(null, out _));
    }
}
