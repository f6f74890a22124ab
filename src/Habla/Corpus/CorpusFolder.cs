using System.Security.Cryptography;
using System.Text.Json;
using Habla.Storage;

namespace Habla.Corpus;

/// <summary>
/// The folders that the corpus commands write: corpus.jsonl, a folder for each split with train, val and test, and a
/// MANIFEST.json with every file's SHA-256.
/// </summary>
public static class CorpusFolder
{
    /// <summary>The name of the whole corpus in its folder.</summary>
    public const string CorpusFileName = "corpus.jsonl";

    /// <summary>Writes a whole corpus with all three of its splits.</summary>
    /// <param name="folder">The folder to fill.</param>
    /// <param name="rows">The corpus.</param>
    /// <param name="seed">The seed it was built with; it also chooses what the splits hold out.</param>
    /// <param name="force">Write even into a folder that holds something else; its other files stay.</param>
    /// <returns>The manifest that was written.</returns>
    /// <exception cref="InvalidInputException">The folder holds something else, or cannot be written.</exception>
    public static CorpusManifest WriteCorpus(string folder, IReadOnlyList<CorpusRow> rows, ulong seed, bool force = false)
    {
        RefuseForeign(folder, force);
        Content corpus = Content.Of(CorpusFileName, rows);
        CorpusSplit[] splits = [.. Enum.GetValues<SplitPolicy>().Select(policy => CorpusSplitter.Split(rows, policy, seed))];
        var manifest = new CorpusManifest
        {
            MadeBy = CorpusManifest.Maker,
            SchemaVersion = 1,
            Seed = seed,
            Files =
            [
                corpus.Entry,
                .. splits.SelectMany(split => ContentsOf(split)
                    .Select(part => part.Entry with { Path = $"{WireName.Of(split.Policy)}/{part.Entry.Path}" })),
            ],
        };
        Write(folder, manifest, [corpus]);
        foreach (CorpusSplit split in splits)
        {
            FillSplit(Path.Combine(folder, WireName.Of(split.Policy)), split, corpus.Entry.Sha256);
        }

        return manifest;
    }

    /// <summary>Writes one split: train.jsonl, val.jsonl, test.jsonl and the manifest.</summary>
    /// <param name="folder">The folder to fill.</param>
    /// <param name="split">The split.</param>
    /// <param name="corpusSha256">The SHA-256 of the file that was split.</param>
    /// <param name="force">Write even into a folder that holds something else; its other files stay.</param>
    /// <returns>The manifest that was written.</returns>
    /// <exception cref="InvalidInputException">The folder holds something else, or cannot be written.</exception>
    public static CorpusManifest WriteSplit(string folder, CorpusSplit split, string corpusSha256, bool force = false)
    {
        RefuseForeign(folder, force);
        return FillSplit(folder, split, corpusSha256);
    }

    /// <summary>Reads a folder's manifest.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>The manifest, or null when there is none.</returns>
    /// <exception cref="InvalidInputException">It is there but was not made by the corpus commands.</exception>
    public static CorpusManifest? ReadManifest(string folder)
    {
        string path = Path.Combine(folder, CorpusManifest.FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            CorpusManifest? manifest = JsonSerializer.Deserialize<CorpusManifest>(File.ReadAllText(path), JsonFormat.Document);
            if (manifest is { MadeBy: CorpusManifest.Maker, SchemaVersion: 1, Files: not null }
                && manifest.Files.All(file => file is { Path.Length: > 0, Sha256: not null }))
            {
                return manifest;
            }
        }
        catch (JsonException error)
        {
            throw new InvalidInputException($"{path}: is not a manifest of the corpus commands: {error.Message}", error);
        }

        throw new InvalidInputException(
            $"{path}: expected made_by '{CorpusManifest.Maker}', schema_version 1 and a list of files.");
    }

    private static CorpusManifest FillSplit(string folder, CorpusSplit split, string corpusSha256)
    {
        Content[] contents = ContentsOf(split);
        var manifest = new CorpusManifest
        {
            MadeBy = CorpusManifest.Maker,
            SchemaVersion = 1,
            Seed = split.Seed,
            Policy = WireName.Of(split.Policy),
            CorpusSha256 = corpusSha256,
            HeldOut = new CorpusManifest.HeldOutList(HeldOut(split.Policy, split.Val), HeldOut(split.Policy, split.Test)),
            Files = [.. contents.Select(content => content.Entry)],
        };
        Write(folder, manifest, contents);
        return manifest;
    }

    private static Content[] ContentsOf(CorpusSplit split) =>
        [.. split.Parts.Select(part => Content.Of(part.Name + ".jsonl", part.Rows))];

    /// <summary>
    /// Writes the manifest before the files it lists: a build that is cut short leaves a folder that the next one recognizes
    /// as its own, and that `validate` finds incomplete.
    /// </summary>
    private static void Write(string folder, CorpusManifest manifest, IEnumerable<Content> contents)
    {
        JsonFormat.WriteFile(Path.Combine(folder, CorpusManifest.FileName), manifest);
        foreach (Content content in contents)
        {
            AtomicFile.Write(Path.Combine(folder, content.Entry.Path), stream => stream.Write(content.Bytes));
        }
    }

    private static string[] HeldOut(SplitPolicy policy, IReadOnlyList<CorpusRow> rows) =>
    [
        .. rows.Select(row => policy switch
        {
            SplitPolicy.Verbs4 => row.VerbLemma,
            SplitPolicy.VerbTense => Cell.NameOf(row.VerbLemma, row.Tense, null),
            _ => row.CellName,
        }).Distinct(),
    ];

    /// <summary>A folder may be filled when it is missing, empty, or an earlier work of the corpus commands.</summary>
    private static void RefuseForeign(string folder, bool force)
    {
        if (File.Exists(folder))
        {
            throw new InvalidInputException($"{folder} is a file; name a folder with --out.");
        }

        if (force || !Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            return;
        }

        bool ours;
        try
        {
            ours = ReadManifest(folder) is not null;
        }
        catch (InvalidInputException)
        {
            ours = false;
        }

        if (!ours)
        {
            throw new InvalidInputException(
                $"{folder} holds files that `habla corpus` did not make; nothing was changed. "
                + "Name another folder with --out, or add --force to write into it all the same.");
        }
    }

    /// <summary>A file that is about to be written.</summary>
    private sealed record Content(CorpusManifest.ManifestFile Entry, byte[] Bytes)
    {
        public static Content Of(string name, IReadOnlyList<CorpusRow> rows)
        {
            byte[] bytes = CorpusFile.ToBytes(rows);
            var entry = new CorpusManifest.ManifestFile(
                name,
                Convert.ToHexStringLower(SHA256.HashData(bytes)),
                rows.Count,
                rows.Count(row => row.Kind == RowKind.Form),
                rows.Count(row => row.Kind == RowKind.Context),
                rows.Count(row => row.Kind == RowKind.MisConjugated));
            return new Content(entry, bytes);
        }
    }
}
