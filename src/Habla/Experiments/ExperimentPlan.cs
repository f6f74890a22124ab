using System.Globalization;
using Habla.Configuration;
using Habla.Data;
using Habla.Runs;

namespace Habla.Experiments;

/// <summary>An experiment's runs, each with its recipe read and held against its data; nothing is trained or written yet.</summary>
public sealed record ExperimentPlan
{
    private ExperimentPlan(ExperimentFile file, string folder) => (File, Folder) = (file, folder);

    /// <summary>What was asked for.</summary>
    public ExperimentFile File { get; }

    /// <summary>The folder for runs and report.</summary>
    public string Folder { get; }

    /// <summary>What the runs are compared by; see <see cref="ExperimentFile.Metric"/>.</summary>
    public string Metric { get; private init; } = ExperimentFile.TrainLoss;

    /// <summary>The keys that differ between settings, as the file has them.</summary>
    public IReadOnlyList<string> VariedKeys { get; private init; } = [];

    /// <summary>The runs, in the file's order, the seeds of a setting after each other.</summary>
    public IReadOnlyList<PlannedRun> Runs { get; private init; } = [];

    /// <summary>Makes the plan.</summary>
    /// <param name="file">The experiment.</param>
    /// <param name="folder">The folder for runs and report; null (the default) for the one that the file names.</param>
    /// <exception cref="InvalidInputException">
    /// A recipe is impossible, its data cannot be used, two runs are the same, or no folder is named.
    /// </exception>
    public static ExperimentPlan Of(ExperimentFile file, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        string output = folder ?? file.Output
            ?? throw new InvalidInputException($"{file.Path}: out: missing; name the folder for runs and report there, or with --out");
        string[] varied = [.. file.Settings.SelectMany(setting => setting.Changes).Select(change => change.Key.Path).Distinct()];
        var names = new RunNames(varied);
        var steps = new PlannedSteps();
        var runs = new List<PlannedRun>();
        foreach ((int index, ExperimentSetting setting) in file.Settings.Index())
        {
            foreach (ulong? seed in file.Seeds.Count > 0 ? file.Seeds.Cast<ulong?>() : [null])
            {
                Recipe recipe = RecipeReader.Read(file.Config, [.. file.Fixed, .. setting.Changes, .. SeedSetting(file, seed)]);
                string name = names.Of(setting, recipe, seed);
                (int perEpoch, int total) = steps.Of(recipe, $"{file.Path}: run {name}");
                runs.Add(new PlannedRun(
                    name, Path.Combine(output, "runs", name), index,
                    varied.ToDictionary(key => key, key => ConfigurationSchema.Find(key)!.ValueIn(recipe)), recipe, perEpoch, total));
            }
        }

        RefuseTwins(file, runs);
        return new ExperimentPlan(file, output) { Metric = MetricOf(file, runs), VariedKeys = varied, Runs = runs };
    }

    private static IEnumerable<RecipeSetting> SeedSetting(ExperimentFile file, ulong? seed) => seed is null
        ? []
        : [new RecipeSetting(
            ConfigurationSchema.Find("training.rng_seed")!, new OptionText(seed.Value.ToString(CultureInfo.InvariantCulture)), file.Path)];

    private static string MetricOf(ExperimentFile file, List<PlannedRun> runs)
    {
        PlannedRun? without = runs.FirstOrDefault(run => run.Recipe.Data is { ValidationPath: null, ValidationFraction: 0 });
        return file.Metric switch
        {
            null => without is null ? ExperimentFile.ValidationLoss : ExperimentFile.TrainLoss,
            ExperimentFile.TrainLoss => ExperimentFile.TrainLoss,
            _ when without is null => file.Metric,
            _ => throw new InvalidInputException(
                $"{file.Path}: metric: {file.Metric} needs validation data, but run {without.Name} has none; "
                + "set data.val_path or data.val_fraction, or compare by train_loss"),
        };
    }

    private static void RefuseTwins(ExperimentFile file, List<PlannedRun> runs)
    {
        foreach (IGrouping<string, PlannedRun> same in runs.GroupBy(run => RecipeWriter.ToYaml(run.Recipe))
            .Where(group => group.Count() > 1))
        {
            throw new InvalidInputException(
                $"{file.Path}: runs {string.Join(" and ", same.Select(run => run.Name))} have the same recipe; keep one of them");
        }

        if (runs.GroupBy(run => run.Name).FirstOrDefault(group => group.Count() > 1) is { } twins)
        {
            throw new InvalidInputException($"{file.Path}: two runs are called {twins.Key}; give one of them another name:");
        }
    }

    /// <summary>Counts each recipe's steps on its data, which is read once for all recipes that have the same.</summary>
    private sealed class PlannedSteps
    {
        private readonly Dictionary<object, SequenceDataset> _data = [];

        public (int PerEpoch, int Total) Of(Recipe recipe, string where)
        {
            try
            {
                object key = (recipe.Data, recipe.Tokenizer, recipe.Model.ContextLength, recipe.Model.VocabularySize);
                if (!_data.TryGetValue(key, out SequenceDataset? train))
                {
                    _data[key] = train = RunData.Load(recipe).Train;
                }

                IBatchSource batches = train.Batches(
                    recipe.Training.BatchSize, recipe.Training.DataSeed, recipe.Data.Shuffle, recipe.Data.DropLast);
                int perEpoch = AccumulatedBatches.Of(batches, recipe.Training.Accumulation).BatchesPerEpoch;
                return (perEpoch, recipe.Scheduler.StepsFor(recipe.Training.Epochs, perEpoch));
            }
            catch (InvalidInputException error)
            {
                throw new InvalidInputException($"{where}: {error.Message}", error);
            }
        }
    }
}
