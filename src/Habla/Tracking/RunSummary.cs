using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Habla.Tracking;

/// <summary>A training run in one line, from what its folder holds; what a run that goes on does not know yet is null.</summary>
public sealed record RunSummary
{
    /// <summary>The run folder, as it was found.</summary>
    public required string Folder { get; init; }

    /// <summary>How the run stands.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>Whether the run says that it goes on, but no process holds its folder: it was killed.</summary>
    [JsonPropertyName("killed")]
    public bool IsKilled { get; init; }

    /// <summary>Updates done.</summary>
    public required int Steps { get; init; }

    /// <summary>Numbers the model learns.</summary>
    public long? Parameters { get; init; }

    /// <summary>Loss of the last step, in nats per token.</summary>
    public double? TrainLoss { get; init; }

    /// <summary>Perplexity on the training data at the end.</summary>
    [JsonPropertyName("train_ppl")]
    public double? TrainPerplexity { get; init; }

    /// <summary>Perplexity on the validation data at the end, or the newest while the run goes on.</summary>
    [JsonPropertyName("val_ppl")]
    public double? ValidationPerplexity { get; init; }

    /// <summary>The least perplexity on the validation data.</summary>
    [JsonPropertyName("best_val_ppl")]
    public double? BestValidationPerplexity { get; init; }

    /// <summary>The best n-gram model's perplexity on the validation data.</summary>
    [JsonPropertyName("ngram_baseline_val_ppl")]
    public double? BaselinePerplexity { get; init; }

    /// <summary>Training tokens a second.</summary>
    [JsonPropertyName("tokens_per_s")]
    public double? TokensPerSecond { get; init; }

    /// <summary>Seconds from start to end.</summary>
    [JsonPropertyName("wall_clock_s")]
    public double? WallClockSeconds { get; init; }

    /// <summary>The most memory the process used, in MiB.</summary>
    [JsonPropertyName("peak_rss_mb")]
    public double? PeakMemoryMb { get; init; }

    /// <summary>When the run began, in UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The resolved recipe, from the manifest.</summary>
    [JsonIgnore]
    public JsonObject Config { get; init; } = [];

    /// <summary>Reads a run folder.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="InvalidInputException">It holds no run, or a file of it cannot be read.</exception>
    public static RunSummary Read(string path)
    {
        RunFolder folder = RunFolder.Open(path);
        Manifest manifest = Manifest.Read(folder.ManifestFile);
        IReadOnlyList<StepMetrics> log = ReadLog(folder);
        TrainingResults? results = TrainingResults.ReadIfThere(folder.ResultsFile);
        StepMetrics[] validated = [.. log.Where(step => step.ValidationLoss is not null)];
        return new RunSummary
        {
            Folder = path,
            Status = manifest.Status,
            IsKilled = manifest.Status == RunStatus.Running && !RunLock.IsTaken(path),
            Steps = log.Count > 0 ? log[^1].Step : results?.Steps ?? 0,
            Parameters = results?.Parameters,
            TrainLoss = log.Count > 0 ? log[^1].Loss : null,
            TrainPerplexity = results?.TrainPerplexity,
            ValidationPerplexity = results?.ValidationPerplexity ?? validated.LastOrDefault()?.ValidationPerplexity,
            BestValidationPerplexity = results?.BestValidationPerplexity ?? validated.Min(step => step.ValidationPerplexity),
            BaselinePerplexity = results?.BaselineValidationPerplexity,
            TokensPerSecond = results?.TokensPerSecond,
            WallClockSeconds = results?.WallClockSeconds,
            PeakMemoryMb = results?.PeakMemoryMb,
            StartedAt = manifest.StartedAt,
            Config = manifest.Config,
        };
    }

    /// <summary>The folders of training runs in a folder and beneath it, in the order of their names.</summary>
    /// <param name="folder">A run folder, or one that holds some.</param>
    /// <exception cref="InvalidInputException">The folder is not there or cannot be read.</exception>
    public static IReadOnlyList<string> FoldersUnder(string folder)
    {
        try
        {
            return [.. Runs(folder)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{folder}: cannot look for runs here: {error.Message}", error);
        }
    }

    /// <summary>The log of a run; empty before its first step.</summary>
    /// <param name="folder">The run.</param>
    /// <exception cref="InvalidInputException">The log cannot be read.</exception>
    public static IReadOnlyList<StepMetrics> ReadLog(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return File.Exists(folder.LogFile) ? MetricLog.Read(folder.LogFile) : [];
    }

    /// <summary>A run may hold others, as a grid does; the folder of a baseline has a manifest too, but no log.</summary>
    private static IEnumerable<string> Runs(string folder)
    {
        RunFolder run = RunFolder.At(folder);
        if ((Manifest.IsAt(run.ManifestFile) || Manifest.Damage(run.ManifestFile) is not null) && File.Exists(run.LogFile))
        {
            yield return folder;
        }

        foreach (string inner in Directory.GetDirectories(folder).Order(StringComparer.Ordinal)
            .Where(inner => inner != run.CheckpointsFolder && !Path.GetFileName(inner).StartsWith('.')).SelectMany(Runs))
        {
            yield return inner;
        }
    }
}
