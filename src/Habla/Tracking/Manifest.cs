using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Habla.Storage;

namespace Habla.Tracking;

/// <summary>
/// <c>manifest.json</c>: all that is needed to tell where a run came from and to do it again. Written when a run starts, and once
/// more when it ends, with its end and the hash of its weights.
/// </summary>
public sealed record Manifest
{
    /// <summary>What <see cref="Format"/> says in every manifest.</summary>
    public const string FormatName = "habla-run";

    /// <summary>Marks the file as a Habla run's: <see cref="FormatName"/>.</summary>
    [JsonPropertyOrder(-1)]
    public string Format { get; init; } = FormatName;

    /// <summary>The layout of this file; 1.</summary>
    [JsonPropertyOrder(-1)]
    public int FormatVersion { get; init; } = 1;

    /// <summary>How the run stands.</summary>
    public RunStatus Status { get; init; } = RunStatus.Running;

    /// <summary>Seed of initial weights and dropout.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Seed of the order of the data.</summary>
    public required ulong DataSeed { get; init; }

    /// <summary>What the run was computed with.</summary>
    public SoftwareVersions Versions { get; init; } = SoftwareVersions.Current;

    /// <summary>The commit of the checkout the run was started in; null outside one.</summary>
    public string? GitSha { get; init; }

    /// <summary>The resolved recipe: a group per section, a value per key.</summary>
    public required JsonObject Config { get; init; }

    /// <summary>Each group of parameters with rates of its own, with the names of its parameters; left out when there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonArray? ParameterGroups { get; init; }

    /// <summary>SHA-256 of every data file, by path; sorted.</summary>
    public IReadOnlyDictionary<string, string> DataSha256
    {
        get;
        init => field = new SortedDictionary<string, string>(value.ToDictionary(), StringComparer.Ordinal);
    } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>SHA-256 of <c>tokenizer.json</c>.</summary>
    public string? TokenizerSha256 { get; init; }

    /// <summary>The machine.</summary>
    public Hardware Hardware { get; init; } = Hardware.Current;

    /// <summary>Threads the run computed with; they decide its speed and never its result.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>The command's arguments, the program's name first.</summary>
    public IReadOnlyList<string> CommandLine { get; init; } = [];

    /// <summary>
    /// Keys of the recipe that a resumed run was allowed to change, in the order of the changes; null when there are none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ManifestChange>? Changes { get; init; }

    /// <summary>
    /// How a resumed run was gone on with, each time it was; null for a run in one piece. The rest of the manifest says how it began.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ManifestPart>? Resumed { get; init; }

    /// <summary>When the run began, in UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended, in UTC; null while it goes on.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>SHA-256 of the final <c>weights.safetensors</c>; null until the run has finished.</summary>
    public string? WeightsSha256 { get; init; }

    /// <summary>
    /// The step after which the final weights were the model's: the best one with early stopping; null until the run has ended.
    /// </summary>
    public int? WeightsStep { get; init; }

    /// <summary>Whether early stopping ended the run before all its steps were done.</summary>
    public bool StoppedEarly { get; init; }

    /// <summary>The manifest of a run that ends now.</summary>
    /// <param name="status">How it ended.</param>
    /// <param name="time">The clock.</param>
    /// <param name="weightsSha256">The hash of the final weights, when there are any.</param>
    public Manifest Ended(RunStatus status, TimeProvider time, string? weightsSha256 = null) =>
        this with { Status = status, EndedAt = time.GetUtcNow(), WeightsSha256 = weightsSha256 };

    /// <summary>Writes the manifest.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public void Write(string path) => JsonFormat.WriteFile(path, this);

    /// <summary>Reads a manifest.</summary>
    /// <param name="path">A run's <c>manifest.json</c>.</param>
    /// <exception cref="InvalidInputException">The file is missing or no manifest of a Habla run.</exception>
    public static Manifest Read(string path)
    {
        const string otherwise = "this is no manifest of a Habla run";
        Manifest manifest = JsonFormat.ReadFile<Manifest>(path, otherwise);
        return manifest is { Format: FormatName, FormatVersion: 1 }
            ? manifest
            : throw new InvalidInputException($"{path}: {otherwise}; expected \"format\": \"{FormatName}\", version 1");
    }

    /// <summary>Whether a file is a manifest of ours, of whatever version.</summary>
    internal static bool IsAt(string path) => Look(path).IsRun;

    /// <summary>Why a manifest that is there cannot be read; null when it can be, or when there is none.</summary>
    /// <param name="path">The file.</param>
    internal static string? Damage(string path) => Look(path).Damage;

    private static (bool IsRun, string? Damage) Look(string path)
    {
        try
        {
            bool isRun = File.Exists(path) && JsonNode.Parse(File.ReadAllText(path)) is JsonObject manifest
                && manifest["format"] is JsonValue format && format.TryGetValue(out string? name) && name == FormatName;
            return (isRun, null);
        }
        catch (JsonException)
        {
            return (false, $"{path} is damaged: it is no whole JSON; put a copy of it back");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return (false, $"{path} cannot be read: {error.Message.TrimEnd('.')}; check its permissions");
        }
    }
}
