using System.Text.Json.Serialization;
using Habla.Storage;

namespace Habla.Tracking;

/// <summary>
/// <c>preflight.json</c>: what a run was expected to take, measured on a throw-away copy before it began, and, once it is over, what
/// it took. Memory and disk are in MiB, times in seconds unless the name says otherwise.
/// </summary>
public sealed record PreflightEstimate
{
    /// <summary>Numbers that are trained.</summary>
    public required long Parameters { get; init; }

    /// <summary>Updates in the run.</summary>
    public required int Steps { get; init; }

    /// <summary>Time of a step, evaluation not counted, in milliseconds: the mean of those measured.</summary>
    [JsonPropertyName("step_ms")]
    public required double StepMilliseconds { get; init; }

    /// <summary>How many steps were measured; at least 3.</summary>
    public required int MeasuredSteps { get; init; }

    /// <summary>Time of one evaluation on the validation data; 0 without any.</summary>
    [JsonPropertyName("validation_s")]
    public required double ValidationSeconds { get; init; }

    /// <summary>Evaluations on the validation data in the run.</summary>
    public required int Validations { get; init; }

    /// <summary>Time of the evaluation on the training data at the end.</summary>
    [JsonPropertyName("train_evaluation_s")]
    public required double TrainEvaluationSeconds { get; init; }

    /// <summary>The whole run: steps and evaluations. Saving is not in it.</summary>
    [JsonPropertyName("total_s")]
    public double TotalSeconds =>
        Round((Steps * StepMilliseconds / 1000) + (Validations * ValidationSeconds) + TrainEvaluationSeconds);

    /// <summary>Memory of the parameters.</summary>
    [JsonPropertyName("parameters_mb")]
    public double ParametersMb => Megabytes(4 * Parameters);

    /// <summary>Memory of AdamW's two moments.</summary>
    [JsonPropertyName("moments_mb")]
    public double MomentsMb => Megabytes(8 * Parameters);

    /// <summary>Memory of the gradients; several copies where micro-batches run side by side.</summary>
    [JsonPropertyName("gradients_mb")]
    public required double GradientsMb { get; init; }

    /// <summary>Memory of activations and their gradients.</summary>
    [JsonPropertyName("activations_mb")]
    public required double ActivationsMb { get; init; }

    /// <summary>Memory of the copy of weights and moments from which checkpoints are written beside the loop.</summary>
    [JsonPropertyName("checkpoint_copy_mb")]
    public double CheckpointCopyMb => CheckpointMb;

    /// <summary>Memory of all else: .NET and the program themselves, the data, evaluations, and <see cref="GrowthMb"/>.</summary>
    [JsonPropertyName("other_mb")]
    public double OtherMb => Round(Math.Max(0, MemoryMb - ParametersMb - MomentsMb - GradientsMb - ActivationsMb - CheckpointCopyMb));

    /// <summary>
    /// The most that the process used up to the end of measuring: .NET, the program, the data, and the copy, which is as large as the run.
    /// </summary>
    [JsonPropertyName("measured_memory_mb")]
    public required double MeasuredMemoryMb { get; init; }

    /// <summary>What .NET takes on later: code it compiles while the run goes on, garbage until it is collected, the log's lines.</summary>
    [JsonPropertyName("growth_mb")]
    public required double GrowthMb { get; init; }

    /// <summary>All memory: what was measured, the checkpoints' copy, which is made later, and the growth.</summary>
    [JsonPropertyName("memory_mb")]
    public double MemoryMb => Round(MeasuredMemoryMb + CheckpointCopyMb + GrowthMb);

    /// <summary>Memory that the process may use.</summary>
    [JsonPropertyName("memory_available_mb")]
    public required double MemoryAvailableMb { get; init; }

    /// <summary>One checkpoint: weights and moments.</summary>
    [JsonPropertyName("checkpoint_mb")]
    public double CheckpointMb => Megabytes(12 * Parameters);

    /// <summary>The most checkpoints at one time, the one being written included.</summary>
    public required int Checkpoints { get; init; }

    /// <summary>Disk that the run needs at most: checkpoints and about 200 bytes of logs a step.</summary>
    [JsonPropertyName("disk_mb")]
    public double DiskMb => Round((Checkpoints * CheckpointMb) + Megabytes(200L * Steps));

    /// <summary>Disk that is free where the run is written; null where the system does not tell.</summary>
    [JsonPropertyName("disk_free_mb")]
    public double? DiskFreeMb { get; init; }

    /// <summary>What the run took from start to end; null until it has finished.</summary>
    [JsonPropertyName("took_s")]
    public double? TookSeconds { get; init; }

    /// <summary>The most memory the process used; null until the run has finished.</summary>
    [JsonPropertyName("took_memory_mb")]
    public double? TookMemoryMb { get; init; }

    /// <summary>
    /// By how much the estimate of the time was above what it took, in percent of that; negative when below, null until the end.
    /// </summary>
    [JsonPropertyName("time_error_pct")]
    public double? TimeErrorPercent => ErrorPercent(TotalSeconds, TookSeconds);

    /// <summary>
    /// By how much the estimate of the memory was above what it took, in percent of that; negative when below, null until the end.
    /// </summary>
    [JsonPropertyName("memory_error_pct")]
    public double? MemoryErrorPercent => ErrorPercent(MemoryMb, TookMemoryMb);

    /// <summary>What does not fit, and what to do, a line for each; empty when all does.</summary>
    [JsonIgnore]
    public IEnumerable<string> Warnings
    {
        get
        {
            if (DiskFreeMb is { } free && DiskMb > free)
            {
                yield return FormattableString.Invariant($"the run needs about {DiskMb:N0} MB of disk, but {free:N0} MB are free: ")
                    + "free some, write elsewhere with --out, or keep fewer checkpoints (checkpoint.keep, checkpoint.best)";
            }

            if (MemoryMb > MemoryAvailableMb)
            {
                yield return FormattableString.Invariant(
                    $"the run needs about {MemoryMb:N0} MB of memory, but there are {MemoryAvailableMb:N0} MB: ")
                    + "take a smaller training.batch_size, more training.micro_batches or a smaller model";
            }
        }
    }

    /// <summary>Writes the estimate.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <exception cref="InvalidInputException">The file cannot be written.</exception>
    public void Write(string path) => JsonFormat.WriteFile(path, this);

    /// <summary>Reads an estimate.</summary>
    /// <param name="path">A run's <c>preflight.json</c>.</param>
    /// <exception cref="InvalidInputException">The file is missing or holds no estimate.</exception>
    public static PreflightEstimate Read(string path) =>
        JsonFormat.ReadFile<PreflightEstimate>(path, "this holds no estimate of a run");

    /// <summary>Bytes as MiB.</summary>
    /// <param name="bytes">Any number of bytes.</param>
    public static double Megabytes(long bytes) => Round(bytes / (double)(1 << 20));

    private static double? ErrorPercent(double estimate, double? took) =>
        took is { } real and > 0 ? Math.Round(100 * (estimate - real) / real, 1) : null;

    private static double Round(double value) => Math.Round(value, 2);
}
