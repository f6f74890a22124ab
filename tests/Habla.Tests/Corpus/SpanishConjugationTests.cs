using Habla.Corpus;

namespace Habla.Tests.Corpus;

public class SpanishConjugationTests
{
    /// <summary>Every verb: present and pretérito of the three persons, participle, first person of the future, by hand.</summary>
    [Theory]
    [InlineData("trabajar", "trabajo trabajas trabaja", "trabajé trabajaste trabajó", "trabajado", "trabajar")]
    [InlineData("jugar", "juego juegas juega", "jugué jugaste jugó", "jugado", "jugar")]
    [InlineData("caminar", "camino caminas camina", "caminé caminaste caminó", "caminado", "caminar")]
    [InlineData("hablar", "hablo hablas habla", "hablé hablaste habló", "hablado", "hablar")]
    [InlineData("escuchar", "escucho escuchas escucha", "escuché escuchaste escuchó", "escuchado", "escuchar")]
    [InlineData("mirar", "miro miras mira", "miré miraste miró", "mirado", "mirar")]
    [InlineData("estudiar", "estudio estudias estudia", "estudié estudiaste estudió", "estudiado", "estudiar")]
    [InlineData("terminar", "termino terminas termina", "terminé terminaste terminó", "terminado", "terminar")]
    [InlineData("empezar", "empiezo empiezas empieza", "empecé empezaste empezó", "empezado", "empezar")]
    [InlineData("querer", "quiero quieres quiere", "quise quisiste quiso", "querido", "querr")]
    [InlineData("estar", "estoy estás está", "estuve estuviste estuvo", "estado", "estar")]
    [InlineData("tener", "tengo tienes tiene", "tuve tuviste tuvo", "tenido", "tendr")]
    [InlineData("hacer", "hago haces hace", "hice hiciste hizo", "hecho", "har")]
    [InlineData("ir", "voy vas va", "fui fuiste fue", "ido", "ir")]
    [InlineData("venir", "vengo vienes viene", "vine viniste vino", "venido", "vendr")]
    [InlineData("ver", "veo ves ve", "vi viste vio", "visto", "ver")]
    [InlineData("comer", "como comes come", "comí comiste comió", "comido", "comer")]
    [InlineData("escribir", "escribo escribes escribe", "escribí escribiste escribió", "escrito", "escribir")]
    public void Every_verb_but_gustar_has_these_sixteen_forms(
        string verb, string present, string preterite, string participle, string future)
    {
        string[] now = present.Split(' '), past = preterite.Split(' ');
        string[] expected =
        [
            verb,
            $"yo {now[0]}", $"tú {now[1]}", $"él {now[2]}",
            $"yo {past[0]}", $"tú {past[1]}", $"él {past[2]}",
            $"yo he {participle}", $"tú has {participle}", $"él ha {participle}",
            $"yo {future}é", $"tú {future}ás", $"él {future}á",
            $"yo voy a {verb}", $"tú vas a {verb}", $"él va a {verb}",
        ];
        Assert.Equal(expected, FormsOf(verb));
    }

    [Fact]
    public void Gustar_turns_the_sentence_round() => Assert.Equal(
        [
            "gustar",
            "me gusta", "te gusta", "le gusta",
            "me gustó", "te gustó", "le gustó",
            "me ha gustado", "te ha gustado", "le ha gustado",
            "me gustará", "te gustará", "le gustará",
            "me va a gustar", "te va a gustar", "le va a gustar",
        ],
        FormsOf("gustar"));

    [Theory]
    [InlineData("buscar", "yo busqué")]
    [InlineData("pagar", "yo pagué")]
    [InlineData("cruzar", "yo crucé")]
    public void The_spelling_rule_keeps_the_sound_of_other_verbs(string verb, string past) =>
        Assert.Equal(past, SpanishConjugation.Of(verb, Tense.PastSimple, Person.FirstSingular));

    [Fact]
    public void Regularity_is_independent_of_English()
    {
        Assert.Equal(
            ["jugar", "empezar", "querer", "estar", "tener", "hacer", "ir", "venir", "ver", "escribir"],
            VerbTable.All.Where(verb => verb.SpanishRegularity == Regularity.Irregular).Select(verb => verb.Spanish));
        Assert.Equal(Regularity.Irregular, VerbTable.Find("play")!.SpanishRegularity);
        Assert.Equal(Regularity.Regular, VerbTable.Find("eat")!.SpanishRegularity);
    }

    [Fact]
    public void Only_watch_and_look_share_Spanish_forms()
    {
        string[] shared =
        [
            .. Cell.All.GroupBy(cell => Conjugation.Of(cell).Spanish)
                .Where(same => same.Count() > 1)
                .Select(same => string.Join('+', same.Select(cell => cell.Verb.English)))
                .Distinct(),
        ];
        Assert.Equal(["watch+look"], shared);
    }

    private static IEnumerable<string> FormsOf(string spanish) =>
        Cell.OfVerb(VerbTable.All.First(verb => verb.Spanish == spanish)).Select(cell => Conjugation.Of(cell).Spanish);
}
