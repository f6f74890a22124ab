using Habla.Corpus;
using Habla.Storage;

namespace Habla.Tests.Corpus;

public class CorpusTextTests
{
    [Theory]
    [InlineData("  He WALKED ", "he walked")]
    [InlineData("I Walk", "I walk")]
    [InlineData("you and I", "you and I")]
    [InlineData("In IT", "in it")]
    [InlineData("e\u0301l camino\u0301", "él caminó")]
    [InlineData("MAN\u0303ANA", "mañana")]
    [InlineData("ÉL", "él")]
    public void Normal_form_composes_trims_and_lowers_all_but_I(string text, string normal) =>
        Assert.Equal(normal, CorpusText.Normalize(text));

    [Fact]
    public void Fingerprint_is_the_hash_of_both_normal_forms()
    {
        string expected = ContentHash.OfText("I walked\nyo caminé");
        Assert.Equal(expected, CorpusText.Fingerprint("I walked", "yo caminé"));
        Assert.Equal(expected, CorpusText.Fingerprint(" I Walked", "YO camine\u0301 "));
        Assert.NotEqual(expected, CorpusText.Fingerprint("I walked", "yo camine"));
        Assert.NotEqual(CorpusText.Fingerprint("a b", "c"), CorpusText.Fingerprint("a", "b c"));
    }

    [Fact]
    public void Marks_outside_Spanish_stay_apart_and_are_not_in_the_alphabet()
    {
        string odd = CorpusText.Compose("x\u0301n\u0301#\u0303");
        Assert.Equal("x\u0301n\u0301#\u0303", odd);
        Assert.DoesNotContain('\u0301', CorpusText.Alphabet);
    }
}
