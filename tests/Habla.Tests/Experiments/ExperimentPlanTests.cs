using Habla.Experiments;

namespace Habla.Tests.Experiments;

public sealed class ExperimentPlanTests : IDisposable
{
    private readonly ExperimentSample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void A_grid_is_multiplied_out_with_every_seed_and_the_last_key_fastest()
    {
        ExperimentPlan plan = _sample.Plan("""
            set: {optimizer.clip: 0.5}
            grid:
              optimizer.lr_max: [1e-2, 1e-3]
              training.batch_size: [4, 8]
            seeds: [1, 2]
            """);

        Assert.Equal(
            [
                "lr_max-0.01_batch_size-4_seed-1", "lr_max-0.01_batch_size-4_seed-2", "lr_max-0.01_batch_size-8_seed-1",
                "lr_max-0.01_batch_size-8_seed-2", "lr_max-0.001_batch_size-4_seed-1", "lr_max-0.001_batch_size-4_seed-2",
                "lr_max-0.001_batch_size-8_seed-1", "lr_max-0.001_batch_size-8_seed-2",
            ],
            plan.Runs.Select(run => run.Name));
        Assert.Equal([0, 0, 1, 1, 2, 2, 3, 3], plan.Runs.Select(run => run.Setting));
        Assert.All(plan.Runs, run => Assert.Equal(0.5, run.Recipe.Optimizer.ClipNorm));
        Assert.Equal((1e-3, 8, 2ul),
            (plan.Runs[7].Recipe.Optimizer.MaximumLearningRate, plan.Runs[7].Recipe.Training.BatchSize, plan.Runs[7].Recipe.Training.Seed));
        Assert.Equal(["optimizer.lr_max", "training.batch_size"], plan.VariedKeys);
        Assert.Equal(Path.Combine(_sample.Output, "runs", "lr_max-0.001_batch_size-8_seed-2"), plan.Runs[7].Folder);
        Assert.Equal(plan.Runs[0].StepsPerEpoch, 2 * plan.Runs[2].StepsPerEpoch);
        Assert.All(plan.Runs, run => Assert.Equal(3 * run.StepsPerEpoch, run.Steps));
        Assert.False(Directory.Exists(_sample.Output));
    }

    [Fact]
    public void A_step_of_several_batches_makes_an_epoch_shorter()
    {
        IReadOnlyList<PlannedRun> runs = _sample.Plan("grid: {training.accumulation: [1, 3]}").Runs;
        Assert.Equal((runs[0].StepsPerEpoch + 2) / 3, runs[1].StepsPerEpoch);
        Assert.All(runs, run => Assert.Equal(3 * run.StepsPerEpoch, run.Steps));
    }

    [Fact]
    public void A_list_of_runs_has_names_or_gets_them_from_what_it_changes_and_wins_over_set()
    {
        ExperimentPlan plan = _sample.Plan("""
            set: {optimizer.clip: 0.5}
            runs:
              - {name: no clip, optimizer.clip: 0}
              - {scheduler.warmup_steps: 0, optimizer.weight_decay: 0.2}
              - {}
            """);

        Assert.Equal(["no-clip", "warmup_steps-0_weight_decay-0.2", "as-it-is"], plan.Runs.Select(run => run.Name));
        Assert.Equal([0, 0.5, 0.5], plan.Runs.Select(run => run.Recipe.Optimizer.ClipNorm));
        Assert.Equal("0.5", plan.Runs[1].Values["optimizer.clip"]);
        Assert.Equal(_sample.Recipe.Training.Seed, plan.Runs[1].Recipe.Training.Seed);
    }

    [Fact]
    public void A_value_has_the_same_name_however_it_is_written() =>
        Assert.Equal(
            _sample.Plan("grid: {optimizer.lr_max: [1e-3]}").Runs[0].Name, _sample.Plan("grid: {optimizer.lr_max: [0.001]}").Runs[0].Name);

    [Fact]
    public void Seeds_alone_are_an_experiment_and_so_is_a_single_run()
    {
        Assert.Equal(["seed-1", "seed-2"], _sample.Plan("seeds: [1, 2]").Runs.Select(run => run.Name));
        Assert.Equal(["run"], _sample.Plan("").Runs.Select(run => run.Name));
    }

    [Fact]
    public void Runs_are_compared_by_validation_where_there_is_any()
    {
        Assert.Equal("val_loss", _sample.Plan("").Metric);
        Assert.Equal("best_val_loss", _sample.Plan("metric: best_val_loss").Metric);
        Assert.Equal("train_loss", _sample.Plan("set: {data.val_fraction: 0}").Metric);
    }

    [Theory]
    [InlineData("experiment.yaml:4: optimizer.lr_maxx: unknown key; did you mean lr_max?", "grid:\n  optimizer.lr_maxx: [1]")]
    [InlineData("experiment.yaml:3: lr_max: expected section.key, such as optimizer.lr_max", "set: {lr_max: 1}")]
    [InlineData("experiment.yaml:3: optimiser: unknown section; did you mean optimizer?", "set: {optimiser.lr_max: 1}")]
    [InlineData("experiment.yaml:5: model.n_layer: two is not possible; expected a whole number", "grid:\n  model.n_layer:\n    - two")]
    [InlineData("experiment.yaml:4: model.n_head: 3", "runs:\n  - {model.n_head: 3}", "model.d_model")]
    [InlineData("experiment.yaml:3: gird: unknown key; did you mean grid?", "gird: 1")]
    [InlineData("experiment.yaml:4: grid: this key is already on line 3", "grid: {model.n_layer: [1]}\ngrid: {model.n_layer: [2]}")]
    [InlineData("experiment.yaml:4: runs: there is a grid: on line 3 too", "grid: {model.n_layer: [1]}\nruns: [{model.n_layer: 1}]")]
    [InlineData("experiment.yaml:3: grid: expected keys of the recipe", "grid: [1]")]
    [InlineData("experiment.yaml:3: model.n_layer: the list is empty", "grid: {model.n_layer: []}")]
    [InlineData("experiment.yaml:3: model.n_layer: expected a list of values", "grid: {model.n_layer: 1}")]
    [InlineData("experiment.yaml:4: model.n_layer: set: has this key too", "set: {model.n_layer: 1}\ngrid: {model.n_layer: [2]}")]
    [InlineData("experiment.yaml:3: training.rng_seed: seeds: on line 4 sets it already", "grid: {training.rng_seed: [2]}\nseeds: [1]")]
    [InlineData("experiment.yaml:3: seeds: -1 is not possible", "seeds: [-1]")]
    [InlineData("experiment.yaml:3: threads: 0 is not possible; expected a whole number from 1 to 1024", "threads: 0")]
    [InlineData("experiment.yaml:3: metric: loss is not possible; expected one of train_loss", "metric: loss")]
    [InlineData("experiment.yaml:3: this is not YAML", "about: \"x")]
    [InlineData("experiment.yaml: runs seed-1 and seed-1 have the same recipe", "seeds: [1, 1]")]
    [InlineData("experiment.yaml: runs lr_max-0.01 and lr_max-0.01 have the same recipe", "grid: {optimizer.lr_max: [1e-2, 0.01]}")]
    [InlineData("experiment.yaml: two runs are called a", "runs: [{name: a, model.n_layer: 1}, {name: a, model.n_layer: 2}]")]
    [InlineData("experiment.yaml: metric: val_loss needs validation data", "set: {data.val_fraction: 0}\nmetric: val_loss")]
    [InlineData("experiment.yaml: run batch_size-4096: ", "grid: {training.batch_size: [4096]}")]
    public void What_cannot_work_is_told_with_its_place(string problem, string body, string instead = "")
    {
        var error = Assert.Throws<InvalidInputException>(() => _sample.Plan(body));

        Assert.Contains(instead.Length > 0 ? instead : problem, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_sample.Output));
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        string path = _sample.In("experiment.yaml");
        Assert.Contains("there is no such file", Assert.Throws<InvalidInputException>(() => ExperimentFile.Read(path))
            .Message, StringComparison.Ordinal);
        File.WriteAllText(path, "");
        Assert.Contains("expected keys such as name:", Assert.Throws<InvalidInputException>(() => ExperimentFile.Read(path))
            .Message, StringComparison.Ordinal);
        File.WriteAllText(path, "name: x");
        Assert.Contains(
            "config: missing", Assert.Throws<InvalidInputException>(() => ExperimentFile.Read(path)).Message, StringComparison.Ordinal);
        ExperimentFile file = ExperimentFile.Read(_sample.Write(""));
        Assert.Contains(
            "out: missing", Assert.Throws<InvalidInputException>(() => ExperimentPlan.Of(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_experiments_that_come_with_Habla_can_be_read()
    {
        string[] files =
        [
            .. Directory.GetFiles(Path.Combine(Repository.Root, "experiments"), "*.yaml", SearchOption.AllDirectories)
                .Where(path => Path.GetFileName(path) is not ("config.yaml" or "mlflow_run.yaml")), // what a run left
        ];
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.NotEmpty(ExperimentFile.Read(file).Name));
    }

    [Fact]
    public void The_examples_in_the_documentation_can_be_read()
    {
        string[] parts = File.ReadAllText(Path.Combine(Repository.Root, "docs", "experiments.md")).Split("```");
        string[] examples = [.. parts.Where((part, index) => index % 2 == 1 && part.StartsWith("yaml", StringComparison.Ordinal))
            .Select(part => part[4..])];
        Assert.Equal(2, examples.Length);
        string path = _sample.In("documented.yaml");

        File.WriteAllText(path, examples[0]);
        ExperimentFile grid = ExperimentFile.Read(path);
        File.WriteAllText(path, "name: x\nconfig: y\n" + examples[1]);
        ExperimentFile runs = ExperimentFile.Read(path);

        Assert.Equal((3, 2, 2), (grid.Settings.Count, grid.Seeds.Count, grid.Parallel));
        Assert.Equal(["as-it-is", "no-clip"], runs.Settings.Select(setting => setting.Name));
    }
}
