using System.Text.Json.Serialization;

namespace Habla.Corpus;

/// <summary>What MANIFEST.json says of a corpus or of one split: how it was made, what it holds, and every file's SHA-256.</summary>
public sealed record CorpusManifest
{
    /// <summary>The file's name in its folder.</summary>
    public const string FileName = "MANIFEST.json";

    /// <summary>What <see cref="MadeBy"/> says; a folder whose manifest says it may be written again.</summary>
    public const string Maker = "habla corpus";

    /// <summary>Always <see cref="Maker"/>.</summary>
    [JsonPropertyOrder(0)]
    public required string MadeBy { get; init; }

    /// <summary>The version of the format: 1.</summary>
    [JsonPropertyOrder(1)]
    public required int SchemaVersion { get; init; }

    /// <summary>The seed: of the corpus, or of the choice of what is held out.</summary>
    [JsonPropertyOrder(2)]
    public required ulong Seed { get; init; }

    /// <summary>The split's policy ("verbs_4", "verb_tense", "cell"); null for a whole corpus.</summary>
    [JsonPropertyOrder(3)]
    public string? Policy { get; init; }

    /// <summary>The SHA-256 of the corpus.jsonl that was split; null for a whole corpus.</summary>
    [JsonPropertyOrder(4)]
    public string? CorpusSha256 { get; init; }

    /// <summary>What val and test hold and train does not: verbs, pairs "walk/past_simple" or cells "walk/past_simple/3sg".</summary>
    [JsonPropertyOrder(5)]
    public HeldOutList? HeldOut { get; init; }

    /// <summary>Every file beside or beneath the manifest.</summary>
    [JsonPropertyOrder(6)]
    public required IReadOnlyList<ManifestFile> Files { get; init; }

    /// <summary>What a split holds out.</summary>
    /// <param name="Val">In val and not in train.</param>
    /// <param name="Test">In test and not in train.</param>
    public sealed record HeldOutList(IReadOnlyList<string> Val, IReadOnlyList<string> Test);

    /// <summary>One file of the folder.</summary>
    /// <param name="Path">Relative to the manifest, with forward slashes.</param>
    /// <param name="Sha256">The SHA-256 of its bytes.</param>
    /// <param name="Rows">Rows in it.</param>
    /// <param name="Forms">How many of them are forms.</param>
    /// <param name="Contexts">How many are context sentences.</param>
    /// <param name="MisConjugated">How many are mis-conjugated.</param>
    public sealed record ManifestFile(string Path, string Sha256, int Rows, int Forms, int Contexts, int MisConjugated);
}
