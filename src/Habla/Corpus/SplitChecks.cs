namespace Habla.Corpus;

/// <summary>The checks that nothing held out can be seen in training, and that files are as their manifest says.</summary>
internal static class SplitChecks
{
    public static IReadOnlyList<CorpusCheck> All { get; } =
    [
        OfSplits("splits_complete", "train, val and test together are exactly the corpus", Complete),
        OfSplits("splits_disjoint", "no row is in two parts of a split",
            (_, split) => Apart(split, row => [row.Id, row.Fingerprint], "row")),
        OfSplits("same_text_same_part", "rows with the same text, in either language, share a part",
            (_, split) => Apart(split, row => ["en " + row.Text, "es " + row.Spanish], "text")),
        OfSplits("pairs_share_a_part", "a mis-conjugated row is where its correct pair is",
            (_, split) => Apart(split, row => row.Kind == RowKind.Context ? [] : [row.CorrectForm ?? row.Text], "correct form")),
        OfSplits("held_out_is_unseen", "no held-out verb, pair or cell has a row in train", HeldOut),
        OfSplits("held_out_words_are_unseen", "verbs_4: no word of a held-out verb stands anywhere in train", HeldOutWords),
        new("files_match_manifest", "every file has the SHA-256 that the manifest says", sources => sources.ManifestProblems)
        {
            Applies = sources => sources.HasManifest,
        },
    ];

    private static CorpusCheck OfSplits(
        string name, string meaning, Func<CorpusSources, SplitScan, IEnumerable<RowProblem>> find) =>
        new(name, meaning, sources => sources.Splits.SelectMany(split => find(sources, split)))
        {
            Applies = sources => sources.Splits.Count > 0,
        };

    private static IEnumerable<RowProblem> Complete(CorpusSources sources, SplitScan split)
    {
        var corpus = sources.Corpus.Rows.Select(located => located.Row).ToHashSet();
        var parts = split.Rows.Select(row => row.Located.Row).ToHashSet();
        return split.Rows.Where(row => !corpus.Contains(row.Located.Row))
            .Select(row => row.Located.Problem($"is not a row of {sources.Corpus.File}"))
            .Concat(sources.Corpus.Rows.Where(located => !parts.Contains(located.Row))
                .Select(located => located.Problem($"is in no part of {WireName.Of(split.Policy)}")));
    }

    /// <summary>Finds rows that share a key with a row of another part; of each pair of places the later one is named.</summary>
    private static IEnumerable<RowProblem> Apart(SplitScan split, Func<CorpusRow, IEnumerable<string>> keys, string what)
    {
        var firstSeen = new Dictionary<string, (string Part, LocatedRow Located)>(StringComparer.Ordinal);
        foreach ((string part, LocatedRow located) in split.Rows)
        {
            foreach (string key in keys(located.Row))
            {
                if (firstSeen.TryAdd(key, (part, located)) || firstSeen[key].Part == part)
                {
                    continue;
                }

                LocatedRow first = firstSeen[key].Located;
                yield return located.Problem($"shares its {what} with row '{first.Row.Id}' in {first.File}:{first.Line}");
                break;
            }
        }
    }

    private static IEnumerable<RowProblem> HeldOut(CorpusSources sources, SplitScan split)
    {
        Func<CorpusRow, string> key = split.Policy switch
        {
            SplitPolicy.Verbs4 => row => row.VerbLemma,
            SplitPolicy.VerbTense => row => Cell.NameOf(row.SpanishLemma, row.Tense, null),
            _ => row => Cell.NameOf(row.SpanishLemma, row.Tense, row.Person),
        };
        HashSet<string> heldOut = split.Policy == SplitPolicy.Verbs4
            ? [.. CorpusSplitter.HeldOutVerbs]
            : [.. split.Rows.Where(row => row.Part != "train").Select(row => key(row.Located.Row))];
        return split.Rows.Where(row => row.Part == "train" && heldOut.Contains(key(row.Located.Row)))
            .Select(row => row.Located.Problem($"{key(row.Located.Row)} is held out"));
    }

    private static IEnumerable<RowProblem> HeldOutWords(CorpusSources sources, SplitScan split)
    {
        if (split.Policy != SplitPolicy.Verbs4)
        {
            yield break;
        }

        Verb[] verbs = [.. VerbTable.All.Where(verb => CorpusSplitter.HeldOutVerbs.Contains(verb.English))];
        HashSet<string> english = [.. verbs.SelectMany(verb => EnglishConjugation.WordsOf(verb.English))];
        HashSet<string> spanish = [.. verbs.SelectMany(verb => SpanishConjugation.WordsOf(verb.Spanish))];
        foreach ((string part, LocatedRow located) in split.Rows.Where(row => row.Part == "train"))
        {
            string? seen = located.Row.Text.Split(' ').FirstOrDefault(english.Contains)
                ?? located.Row.Spanish.Split(' ').FirstOrDefault(spanish.Contains);
            if (seen is not null)
            {
                yield return located.Problem($"contains '{seen}', a word of a held-out verb");
            }
        }
    }
}
