using Habla.Configuration;

namespace Habla.Experiments;

/// <summary>
/// An experiment as it is written down: a recipe, what all runs change in it, and what is tried out. <see cref="ExperimentPlan"/>
/// makes runs of it.
/// </summary>
public sealed record ExperimentFile
{
    /// <summary>The loss after the last step that training data is judged by; see <see cref="Metric"/>.</summary>
    public const string TrainLoss = "train_loss";

    /// <summary>The last validation loss; see <see cref="Metric"/>.</summary>
    public const string ValidationLoss = "val_loss";

    /// <summary>The least validation loss; see <see cref="Metric"/>.</summary>
    public const string BestValidationLoss = "best_val_loss";

    internal static readonly string[] Metrics = [TrainLoss, ValidationLoss, BestValidationLoss];
    internal static readonly OptionRange ThreadsRange = new(1, 1024);

    /// <summary>Where it was read from.</summary>
    public required string Path { get; init; }

    /// <summary>What the experiment is called; the report's title.</summary>
    public required string Name { get; init; }

    /// <summary>A sentence or two for the top of the report. Default empty.</summary>
    public string About { get; init; } = "";

    /// <summary>The recipe that all runs begin with, relative to the current folder.</summary>
    public required string Config { get; init; }

    /// <summary>
    /// The folder for runs and report, relative to the current folder; null (the default) when the command line names it.
    /// </summary>
    public string? Output { get; init; }

    /// <summary>Threads in all, shared by the runs that go side by side; null (the default) for all cores. From 1 to 1024.</summary>
    public int? Threads { get; init; }

    /// <summary>Runs that go side by side; null (the default) for as many as there are threads. From 1 to 1024.</summary>
    public int? Parallel { get; init; }

    /// <summary>
    /// What runs are compared by, in nats a token: <c>train_loss</c> (all training data, without dropout), <c>val_loss</c> (after
    /// the last step) or <c>best_val_loss</c>. Null (the default) takes val_loss where the recipe has validation data, else train_loss.
    /// </summary>
    public string? Metric { get; init; }

    /// <summary>Training seeds; each setting is run with each of them. Default none: the recipe's own seed.</summary>
    public IReadOnlyList<ulong> Seeds { get; init; } = [];

    /// <summary>What every run changes in the recipe.</summary>
    internal IReadOnlyList<RecipeSetting> Fixed { get; init; } = [];

    /// <summary>The settings to try, each a list of changes; a grid is multiplied out, its last key fastest.</summary>
    internal IReadOnlyList<ExperimentSetting> Settings { get; init; } = [];

    /// <summary>Reads an experiment.</summary>
    /// <param name="path">A YAML file such as <c>experiments/18-sonnets-grid/learning-rate.yaml</c>.</param>
    /// <exception cref="InvalidInputException">The file is missing or no experiment; the message names file, line and key.</exception>
    public static ExperimentFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
        {
            throw new InvalidInputException($"{path}: there is no such file; expected an experiment in YAML (see docs/experiments.md)");
        }

        try
        {
            return ExperimentYaml.Read(path, File.ReadAllText(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{path}: cannot read this file: {error.Message}", error);
        }
    }
}
