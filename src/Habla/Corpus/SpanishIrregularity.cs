namespace Habla.Corpus;

/// <summary>How the last vowel of a Spanish stem changes where it is stressed.</summary>
internal enum SpanishStemChange
{
    None,

    /// <summary>empezar → empiezo.</summary>
    EToIe,

    /// <summary>jugar → juego.</summary>
    UToUe,
}

/// <summary>What has to be known of a Spanish verb beyond the rules; null leaves a form to them.</summary>
internal sealed record SpanishIrregularity
{
    public static SpanishIrregularity None { get; } = new();

    /// <summary>The vowel change of the stressed stem in the present.</summary>
    public SpanishStemChange StemChange { get; init; }

    /// <summary>The first person of the present alone: tengo.</summary>
    public string? YoPresent { get; init; }

    /// <summary>The whole present, three persons.</summary>
    public string[]? Present { get; init; }

    /// <summary>A stem that takes the unstressed endings -e, -iste, -o: tuv- → tuve, tuviste, tuvo.</summary>
    public string? StrongPreteriteStem { get; init; }

    /// <summary>The whole pretérito, three persons.</summary>
    public string[]? Preterite { get; init; }

    /// <summary>The participle: hecho.</summary>
    public string? Participle { get; init; }

    /// <summary>What the future puts in the infinitive's place: tendr- → tendré.</summary>
    public string? FutureStem { get; init; }
}
