using System.Globalization;
using Habla.Storage;

namespace Habla.Tracking;

/// <summary>
/// The run's <c>README.md</c>: what came out, and how to use it or do it again. Made from the other files' numbers alone.
/// </summary>
public static class RunReadme
{
    /// <summary>Writes the page.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="manifest">Its manifest, ended.</param>
    /// <param name="results">Its results.</param>
    /// <param name="warning">What is wrong about its end; null (the default) when nothing is.</param>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public static void Write(RunFolder folder, Manifest manifest, TrainingResults results, string? warning = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(results);
        string early = results.StoppedEarly
            ? string.Create(CultureInfo.InvariantCulture, $", stopped early with the weights of step {results.BestValidationStep:N0}")
            : "";
        string text = string.Create(CultureInfo.InvariantCulture, $"""
            # A Habla run: {manifest.Status.ToString().ToLowerInvariant()} after {results.Steps:N0} steps{early}

            {(warning is null ? "" : $"**Warning:** {warning}.\n\n")}| | perplexity per token |
            | --- | --- |
            | train, without dropout | {PerplexityText.Of(results.TrainPerplexity)} |
            {Row("validation, at the end", results.ValidationPerplexity)}{Row($"validation, best (step {results.BestValidationStep})", results.BestValidationPerplexity)}{Row("best n-gram model", results.BaselineValidationPerplexity)}
            {Verdict(results)}{results.Parameters:N0} parameters; {results.WallClockSeconds:F1} s, {results.TokensPerSecond:N0} tokens/s, {results.PeakMemoryMb:N0} MB at most.

            {(File.Exists(folder.LossCurveFile) ? "![loss](loss_curve.png)\n\n" : "")}Weights: `checkpoints/last/weights.safetensors`, SHA-256 `{results.WeightsSha256}`.
            `config.yaml` is the whole recipe: training by it again gives the same weights, and `habla verify` proves it. `train_log.jsonl` has every step.

                habla generate --run {folder.Path} --prompt "…"
                habla verify {folder.Path}
            {(results.ValidationPerplexity is null ? "" : $"    habla eval --run {folder.Path}\n")}
            """);
        AtomicFile.WriteText(folder.ReadmeFile, text);
    }

    /// <summary>Writes the page of a run that failed.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="steps">Steps in its log.</param>
    /// <param name="why">What failed, in a sentence.</param>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public static void WriteFailed(RunFolder folder, int steps, string why)
    {
        ArgumentNullException.ThrowIfNull(folder);
        AtomicFile.WriteText(folder.ReadmeFile, string.Create(CultureInfo.InvariantCulture, $"""
            # A Habla run: failed after {steps:N0} steps

            {why}

            {(File.Exists(folder.LossCurveFile) ? "![loss](loss_curve.png)\n\n" : "")}`config.yaml` is the whole recipe, `train_log.jsonl` has every step until then, and `checkpoints` what was saved.

            """));
    }

    private static string Row(string name, double? perplexity) =>
        perplexity is { } value ? string.Create(CultureInfo.InvariantCulture, $"| {name} | {PerplexityText.Of(value)} |\n") : "";

    private static string Verdict(TrainingResults results) => results.BeatsBaseline switch
    {
        true => string.Create(
            CultureInfo.InvariantCulture, $"Beats the baseline: yes, {results.PerplexityImprovementPercent:F1} % lower.\n\n"),
        false => string.Create(
            CultureInfo.InvariantCulture, $"Beats the baseline: no, {-results.PerplexityImprovementPercent:F1} % higher.\n\n"),
        null => "",
    };
}
