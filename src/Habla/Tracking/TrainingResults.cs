using System.Text.Json.Serialization;
using Habla.Storage;

namespace Habla.Tracking;

/// <summary><c>results.json</c>: what a training run came to, held against the best n-gram baseline on the same tokens.</summary>
public sealed record TrainingResults
{
    /// <summary>Perplexity on the training data, all of it, without dropout.</summary>
    [JsonPropertyName("train_ppl")]
    public required double TrainPerplexity { get; init; }

    /// <summary>Perplexity of the final weights on the validation data; null without validation data.</summary>
    [JsonPropertyName("val_ppl")]
    public double? ValidationPerplexity { get; init; }

    /// <summary>The share of validation targets that were the final weights' likeliest token; null without validation data.</summary>
    [JsonPropertyName("val_accuracy")]
    public double? ValidationAccuracy { get; init; }

    /// <summary>The step with the least validation perplexity; null without validation data.</summary>
    [JsonPropertyName("best_val_step")]
    public int? BestValidationStep { get; init; }

    /// <summary>The least validation perplexity; null without validation data.</summary>
    [JsonPropertyName("best_val_ppl")]
    public double? BestValidationPerplexity { get; init; }

    /// <summary>The best n-gram model's perplexity on the validation data; null when no baseline was given.</summary>
    [JsonPropertyName("ngram_baseline_val_ppl")]
    public double? BaselineValidationPerplexity { get; init; }

    /// <summary>Whether the final, not the best, validation perplexity is below the baseline's; null without either.</summary>
    public bool? BeatsBaseline =>
        ValidationPerplexity is { } mine && BaselineValidationPerplexity is { } baseline ? mine < baseline : null;

    /// <summary>How far the final validation perplexity is below the baseline's, in percent of it; negative when above.</summary>
    [JsonPropertyName("ppl_improvement_pct")]
    public double? PerplexityImprovementPercent =>
        ValidationPerplexity is { } mine && BaselineValidationPerplexity is { } baseline
            ? 100 * (baseline - mine) / baseline
            : null;

    /// <summary>Numbers the model learned.</summary>
    public required long Parameters { get; init; }

    /// <summary>Optimizer updates done.</summary>
    public required int Steps { get; init; }

    /// <summary>Whether early stopping ended the run; its final weights are then those of <see cref="BestValidationStep"/>.</summary>
    public bool StoppedEarly { get; init; }

    /// <summary>Training tokens by seconds, over the whole run, evaluations left out.</summary>
    [JsonPropertyName("tokens_per_s")]
    public required double TokensPerSecond { get; init; }

    /// <summary>Seconds from start to end; for a resumed run, of all its parts that were not killed.</summary>
    [JsonPropertyName("wall_clock_s")]
    public required double WallClockSeconds { get; init; }

    /// <summary>The most memory the process used, in MiB.</summary>
    [JsonPropertyName("peak_rss_mb")]
    public required double PeakMemoryMb { get; init; }

    /// <summary>SHA-256 of the final <c>weights.safetensors</c>.</summary>
    [JsonPropertyName("weights_sha256")]
    public required string WeightsSha256 { get; init; }

    /// <summary>Writes the results.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public void Write(string path) => JsonFormat.WriteFile(path, this);

    /// <summary>Reads results.</summary>
    /// <param name="path">A run's <c>results.json</c>.</param>
    /// <exception cref="InvalidInputException">The file is missing or holds no results.</exception>
    public static TrainingResults Read(string path) => JsonFormat.ReadFile<TrainingResults>(path, "this holds no training results");

    /// <summary>Reads results; null without the file, as before a run's end.</summary>
    /// <param name="path">A run's <c>results.json</c>.</param>
    /// <exception cref="InvalidInputException">The file holds no results.</exception>
    public static TrainingResults? ReadIfThere(string path) => File.Exists(path) ? Read(path) : null;
}
