using System.Text.Json.Serialization;
using Habla.Checkpoints;

namespace Habla.Runs.Verification;

/// <summary>A checkpoint of a run, held against the replay at the same step.</summary>
public sealed record CheckpointVerification
{
    /// <summary>Its name: <c>last</c>, <c>best</c>, <c>diverged</c> or <c>step-N</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The step it was saved after.</summary>
    public required int Step { get; init; }

    /// <summary>Whether both files have the bytes that the replay would write.</summary>
    public bool Reproduced => RecordedSha256 == ReplayedSha256 && OptimizerReproduced;

    /// <summary>SHA-256 of its <c>weights.safetensors</c>.</summary>
    [JsonPropertyName("recorded_sha256")]
    public required string RecordedSha256 { get; init; }

    /// <summary>SHA-256 of the replay's weights.</summary>
    [JsonPropertyName("replayed_sha256")]
    public required string ReplayedSha256 { get; init; }

    /// <summary>Whether the optimizer's moments are the same too.</summary>
    [JsonPropertyName("optimizer_reproduced")]
    public required bool OptimizerReproduced { get; init; }

    /// <summary>
    /// Whether a file is no longer the one that was saved, which the checkpoint's marker tells: it was changed or damaged later.
    /// </summary>
    [JsonPropertyName("changed_since_saved")]
    public required bool ChangedSinceSaved { get; init; }

    /// <summary>
    /// Whether it was saved with the very bytes of the replay and damaged only later: the run is reproduced, its file is not sound.
    /// </summary>
    [JsonPropertyName("damaged_later")]
    public bool IsDamagedLater { get; init; }

    /// <summary>The first number that differs, weights before moments; null when none does.</summary>
    public TensorDifference? Difference { get; init; }
}
