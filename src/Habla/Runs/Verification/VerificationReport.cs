using System.Text.Json.Serialization;

namespace Habla.Runs.Verification;

/// <summary>What came of replaying a run.</summary>
public sealed record VerificationReport
{
    /// <summary>Whether everything that was compared is the same to the last bit.</summary>
    public required bool Reproduced { get; init; }

    /// <summary>
    /// Whether all that differs are checkpoints that were saved as the replay has them and damaged later: the training is reproduced.
    /// </summary>
    [JsonPropertyName("only_damaged_later")]
    public bool IsOnlyDamagedLater => !Reproduced && DiffersAtStep is null;

    /// <summary>SHA-256 of the <c>weights.safetensors</c> that the replay ended with; written nowhere.</summary>
    [JsonPropertyName("weights_sha256")]
    public required string WeightsSha256 { get; init; }

    /// <summary>Steps replayed.</summary>
    public required int Steps { get; init; }

    /// <summary>
    /// Steps that the run has recorded; more than <see cref="Steps"/> when fewer were asked for or the replay stopped early.
    /// </summary>
    [JsonPropertyName("recorded_steps")]
    public required int RecordedSteps { get; init; }

    /// <summary>Lines of <c>train_log.jsonl</c> that were compared.</summary>
    [JsonPropertyName("log_lines")]
    public required int LogLines { get; init; }

    /// <summary>The last step up to which all is the same; null when there is no difference, or none before the first step.</summary>
    [JsonPropertyName("same_until_step")]
    public int? SameUntilStep { get; init; }

    /// <summary>
    /// The first step at which something differs; null when nothing does, or only checkpoints that were damaged later.
    /// </summary>
    [JsonPropertyName("differs_at_step")]
    public int? DiffersAtStep { get; init; }

    /// <summary>The first tensor that differs, in the first checkpoint that does; null when no checkpoint does.</summary>
    public string? Tensor => Checkpoints.FirstOrDefault(checkpoint => !checkpoint.Reproduced)?.Difference?.Tensor;

    /// <summary>The first line of the log that differs; null when none does.</summary>
    [JsonPropertyName("log_difference")]
    public LogDifference? LogDifference { get; init; }

    /// <summary>The message of a replay that diverged where the run had not; null otherwise.</summary>
    public string? Divergence { get; init; }

    /// <summary>The checkpoints that were compared, by step.</summary>
    public required IReadOnlyList<CheckpointVerification> Checkpoints { get; init; }

    /// <summary>The hash that <c>manifest.json</c> ends with; null when there is none or its step was not replayed.</summary>
    [JsonPropertyName("manifest")]
    public ManifestVerification? Manifest { get; init; }
}
