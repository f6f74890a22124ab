namespace Habla.Corpus;

/// <summary>The random streams of the corpus: the step of <see cref="Tensors.SeededRandom"/> for each thing that is drawn.</summary>
internal static class CorpusStream
{
    /// <summary>Which two persons the frames of a verb and tense take.</summary>
    public const uint ContextPersons = 1;

    /// <summary>In which order the verbs take turns at being held out.</summary>
    public const uint HeldOutVerbs = 2;

    /// <summary>Which mistakes are shown; the type's number is added.</summary>
    public const uint MisConjugations = 16;
}
