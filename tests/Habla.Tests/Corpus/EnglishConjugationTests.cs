using Habla.Corpus;

namespace Habla.Tests.Corpus;

public class EnglishConjugationTests
{
    /// <summary>Every verb: third person, past, participle, written by hand.</summary>
    [Theory]
    [InlineData("work", "works", "worked", "worked")]
    [InlineData("play", "plays", "played", "played")]
    [InlineData("walk", "walks", "walked", "walked")]
    [InlineData("talk", "talks", "talked", "talked")]
    [InlineData("listen", "listens", "listened", "listened")]
    [InlineData("watch", "watches", "watched", "watched")]
    [InlineData("study", "studies", "studied", "studied")]
    [InlineData("finish", "finishes", "finished", "finished")]
    [InlineData("start", "starts", "started", "started")]
    [InlineData("look", "looks", "looked", "looked")]
    [InlineData("want", "wants", "wanted", "wanted")]
    [InlineData("like", "likes", "liked", "liked")]
    [InlineData("have", "has", "had", "had")]
    [InlineData("do", "does", "did", "done")]
    [InlineData("go", "goes", "went", "gone")]
    [InlineData("come", "comes", "came", "come")]
    [InlineData("see", "sees", "saw", "seen")]
    [InlineData("eat", "eats", "ate", "eaten")]
    [InlineData("write", "writes", "wrote", "written")]
    public void Every_verb_but_be_has_these_sixteen_forms(string verb, string third, string past, string participle)
    {
        string[] expected =
        [
            verb,
            $"I {verb}", $"you {verb}", $"he {third}",
            $"I {past}", $"you {past}", $"he {past}",
            $"I have {participle}", $"you have {participle}", $"he has {participle}",
            $"I will {verb}", $"you will {verb}", $"he will {verb}",
            $"I am going to {verb}", $"you are going to {verb}", $"he is going to {verb}",
        ];
        Assert.Equal(expected, FormsOf(verb));
    }

    [Fact]
    public void Be_has_forms_of_its_own() => Assert.Equal(
        [
            "be",
            "I am", "you are", "he is",
            "I was", "you were", "he was",
            "I have been", "you have been", "he has been",
            "I will be", "you will be", "he will be",
            "I am going to be", "you are going to be", "he is going to be",
        ],
        FormsOf("be"));

    /// <summary>The rules hold beyond the twenty verbs of the corpus.</summary>
    [Theory]
    [InlineData("fix", "fixes", "fixed")]
    [InlineData("kiss", "kisses", "kissed")]
    [InlineData("try", "tries", "tried")]
    [InlineData("enjoy", "enjoys", "enjoyed")]
    [InlineData("echo", "echoes", "echoed")]
    [InlineData("dance", "dances", "danced")]
    public void Rules_reach_other_regular_verbs(string verb, string third, string past)
    {
        Assert.Equal($"he {third}", EnglishConjugation.Of(verb, Tense.PresentSimple, Person.ThirdSingular));
        Assert.Equal($"I {past}", EnglishConjugation.Of(verb, Tense.PastSimple, Person.FirstSingular));
    }

    [Fact]
    public void Twelve_verbs_are_regular_and_eight_are_not()
    {
        Assert.Equal(
            ["work", "play", "walk", "talk", "listen", "watch", "study", "finish", "start", "look", "want", "like"],
            VerbTable.All.Where(verb => verb.EnglishRegularity == Regularity.Regular).Select(verb => verb.English));
        Assert.Equal(
            ["be", "have", "do", "go", "come", "see", "eat", "write"],
            VerbTable.All.Where(verb => verb.EnglishRegularity == Regularity.Irregular).Select(verb => verb.English));
    }

    private static IEnumerable<string> FormsOf(string verb) =>
        Cell.OfVerb(VerbTable.Find(verb)!).Select(cell => Conjugation.Of(cell).English);
}
