using Habla.Tensors;

namespace Habla.Corpus;

/// <summary>Puts verb forms into sentences: two for every verb and tense, in two different persons that the seed draws.</summary>
internal static class ContextSentences
{
    /// <summary>Sentences of a whole corpus: 20 verbs × 6 tenses × 2 frames.</summary>
    public const int Count = 240;

    private static readonly string[] EnglishPossessives = ["my", "your", "his"];
    private static readonly string[] SpanishPossessives = ["mi", "tu", "su"];

    /// <summary>Every sentence with its cell and id, verbs and tenses in table order.</summary>
    public static IEnumerable<(string Id, Cell Cell, FormPair Sentence)> All(ulong seed)
    {
        var random = new SeededRandom(seed, RandomPurpose.Corpus, CorpusStream.ContextPersons);
        ulong draw = 0;
        foreach (Verb verb in VerbTable.All)
        {
            foreach (Tense tense in Enum.GetValues<Tense>())
            {
                // One of the six ordered pairs of different persons: the first frame's, and how far on the second's is.
                int pair = random.Below(draw++, 6);
                int first = pair / 2, second = (first + 1 + (pair % 2)) % 3;
                IReadOnlyList<FormPair> frames = ContextFrames.Of(verb, tense);
                yield return Sentence(verb, tense, (Person)first, frames[0], 1);
                yield return Sentence(verb, tense, (Person)second, frames[1], 2);
            }
        }
    }

    private static (string Id, Cell Cell, FormPair Sentence) Sentence(
        Verb verb, Tense tense, Person person, FormPair frame, int number)
    {
        FormPair form = Conjugation.Of(verb, tense, person);
        var sentence = new FormPair(
            Fill(frame.English, form.English, EnglishPossessives[(int)person]),
            Fill(frame.Spanish, form.Spanish, SpanishPossessives[(int)person]));
        return tense == Tense.Infinitive
            ? ($"context/{Cell.NameOf(verb.English, tense, null)}/{number}", new Cell(verb, tense, null), sentence)
            : ($"context/{Cell.NameOf(verb.English, tense, person)}", new Cell(verb, tense, person), sentence);
    }

    private static string Fill(string frame, string form, string possessive) =>
        frame.Replace("{}", form, StringComparison.Ordinal).Replace("{my}", possessive, StringComparison.Ordinal);
}
