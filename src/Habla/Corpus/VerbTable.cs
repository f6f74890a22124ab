namespace Habla.Corpus;

/// <summary>The twenty verbs: twelve that are regular in English and eight that are not.</summary>
/// <remarks>
/// "be" is estar and not ser: ser and ir share their past ("yo fui" is both "I was" and "I went"), and estar keeps the two
/// apart. mirar serves both watch and look, so those two share every Spanish form and never part in a split.
/// </remarks>
public static class VerbTable
{
    /// <summary>All twenty verbs, in the order in which the corpus lists them.</summary>
    public static IReadOnlyList<Verb> All { get; } =
    [
        new("work", "trabajar"),
        new("play", "jugar"),
        new("walk", "caminar"),
        new("talk", "hablar"),
        new("listen", "escuchar"),
        new("watch", "mirar"),
        new("study", "estudiar"),
        new("finish", "terminar"),
        new("start", "empezar"),
        new("look", "mirar"),
        new("want", "querer"),
        new("like", "gustar"),
        new("be", "estar"),
        new("have", "tener"),
        new("do", "hacer"),
        new("go", "ir"),
        new("come", "venir"),
        new("see", "ver"),
        new("eat", "comer"),
        new("write", "escribir"),
    ];

    /// <summary>Finds a verb by its English lemma.</summary>
    /// <param name="english">The lemma, for instance "walk".</param>
    /// <returns>The verb, or null when the corpus has none of that name.</returns>
    public static Verb? Find(string english) => All.FirstOrDefault(verb => verb.English == english);
}
