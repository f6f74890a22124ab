using System.Text.Json.Serialization;

namespace Habla.Tracking;

/// <summary>A line of <c>train_log.jsonl</c>: one optimizer update.</summary>
/// <param name="Step">Updates done, this one included; the first line says 1.</param>
/// <param name="Epoch">The pass over the training data this step belongs to, from 0.</param>
/// <param name="Loss">Mean cross-entropy per unmasked target token of this step's batch, in nats.</param>
/// <param name="LearningRate">The learning rate this update was made with.</param>
/// <param name="GradientNorm">The gradients' global norm before clipping.</param>
/// <param name="TokensPerSecond">Tokens of the batch by seconds of the step.</param>
/// <param name="ValidationLoss">Loss on the validation data after this update, in nats; null where not evaluated.</param>
/// <param name="ValidationAccuracy">The share of validation targets that were the likeliest token; null where not evaluated.</param>
public sealed record StepMetrics(
    int Step,
    int Epoch,
    double Loss,
    [property: JsonPropertyName("lr")] double LearningRate,
    [property: JsonPropertyName("grad_norm")] double GradientNorm,
    [property: JsonPropertyName("tokens_per_s")] double TokensPerSecond,
    [property: JsonPropertyName("val_loss"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    double? ValidationLoss = null,
    [property: JsonPropertyName("val_accuracy"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    double? ValidationAccuracy = null)
{
    /// <summary>What the loss was multiplied by in this step; null where losses are not scaled.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LossScale { get; init; }

    /// <summary>Steps skipped so far because gradients overflowed, this one included; null where losses are not scaled.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? SkippedSteps { get; init; }

    /// <summary>Perplexity on the validation data, <c>exp(val_loss)</c>; null where not evaluated.</summary>
    [JsonPropertyName("val_ppl"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ValidationPerplexity => ValidationLoss is { } loss ? Math.Exp(loss) : null;
}
