using System.Globalization;
using System.Text.Json.Serialization;
using Habla.Storage;

namespace Habla.Data.Shards;

/// <summary>
/// <c>shards.json</c>: which shards make up a folder, written when all of them are complete. It holds the hash of each shard's header,
/// which holds that of the rest, so the hash of this one small file stands for all of the data.
/// </summary>
public sealed record ShardIndex
{
    /// <summary>The file's name.</summary>
    public const string FileName = "shards.json";

    /// <summary>The name of the tokenizer's file beside it.</summary>
    public const string TokenizerFileName = "tokenizer.json";

    /// <summary>What the names of shards end with.</summary>
    public const string Extension = ".habla";

    /// <summary>The version of the format, 1.</summary>
    public int Version { get; init; } = ShardHeader.CurrentVersion;

    /// <summary>The number of tokens that the tokenizer has.</summary>
    public int VocabSize { get; init; }

    /// <summary>How an id is stored: u16 or u32.</summary>
    public string Dtype { get; init; } = "";

    /// <summary>SHA-256 of the tokenizer.</summary>
    public string TokenizerSha256 { get; init; } = "";

    /// <summary>The id that ends each document, or -1 for none.</summary>
    public int SeparatorId { get; init; } = -1;

    /// <summary>Documents, each counted once however many shards it is spread over.</summary>
    public long Documents { get; init; }

    /// <summary>Documents without any text, which are left out.</summary>
    public long EmptyDocuments { get; init; }

    /// <summary>Tokens, those that end documents included.</summary>
    public long Tokens { get; init; }

    /// <summary>UTF-8 bytes of the documents' text.</summary>
    public long TextBytes { get; init; }

    /// <summary>Characters that became <c>&lt;unk&gt;</c>.</summary>
    public long UnknownTokens { get; init; }

    /// <summary>Of which split these are which part; null where nothing was split.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ShardSplit? Split { get; init; }

    /// <summary>The shards, in order.</summary>
    public IReadOnlyList<ShardEntry> Shards { get; init; } = [];

    /// <summary>Bytes of text that a token stands for, those that end documents counted.</summary>
    [JsonIgnore]
    public double BytesPerToken => (double)TextBytes / Math.Max(1, Tokens);

    /// <summary>The name of a shard.</summary>
    /// <param name="number">Which, from 0.</param>
    internal static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"shard-{number:D5}{Extension}");

    /// <summary>Reads the index of a folder.</summary>
    /// <param name="folder">A folder of shards.</param>
    /// <exception cref="InvalidInputException">There is none, or it is damaged.</exception>
    public static ShardIndex Read(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new InvalidInputException(
                File.Exists(Path.Combine(folder, "train", FileName))
                    ? $"{folder} holds shards split in two: name {Path.Combine(folder, "train")} or {Path.Combine(folder, "val")}."
                    : $"{path} is missing: {folder} holds no shards, or writing them was not finished; "
                        + "make them with habla tokenizer encode --out.");
        }

        ShardIndex index = JsonFormat.ReadFile<ShardIndex>(path, "no index of shards; make them again with habla tokenizer encode --out");
        bool isSound = index is { VocabSize: > 0, Shards.Count: > 0, Dtype: not null, TokenizerSha256: not null }
            && index.Shards.Select((shard, number) => shard is not null && shard.File == NameOf(number)).All(named => named);
        return index.Version != ShardHeader.CurrentVersion
            ? throw ShardHeader.Refused(
                path, $"it has version {index.Version} of the format, and this Habla reads version {ShardHeader.CurrentVersion}")
            : isSound ? index : throw ShardHeader.Refused(path, "it is damaged");
    }
}
