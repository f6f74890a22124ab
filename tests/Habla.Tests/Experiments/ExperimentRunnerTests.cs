using System.Text.Json;
using Habla.Experiments;
using Habla.Plotting;
using Habla.Runs;
using Habla.Tracking;

namespace Habla.Tests.Experiments;

public sealed class ExperimentRunnerTests : IDisposable
{
    private const string Rates = "grid: {optimizer.lr_max: [1e-2, 1e-3, 1e-4]}\nset: {optimizer.lr_min: 0}";

    // Decay by lr·λ = 100 multiplies every weight by -99, at each step, which soon is more than a float holds.
    private const string Diverging =
        "set: {optimizer.lr_min: 0, training.epochs: 30, scheduler.warmup_steps: 0}\n"
        + "runs: [{name: good}, {name: bad, optimizer.lr_max: 10, optimizer.weight_decay: 10, optimizer.clip: 0}]";

    private readonly ExperimentSample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void Each_run_is_an_ordinary_run_with_the_weights_it_has_alone()
    {
        ExperimentPlan plan = _sample.Plan(Rates);

        IReadOnlyList<ExperimentRow> rows = ExperimentSample.Run(plan);

        Assert.All(rows, row => Assert.Equal(ExperimentRunState.Finished, row.Status));
        string alone = _sample.In("alone");
        using TrainingRun run = TrainingRun.Prepare(
            plan.Runs[1].Recipe, new TrainingRunOptions { Folder = alone, WithBaseline = false, Threads = 1 });
        TrainingResults results = run.Execute().Results;
        Assert.Equal(results.WeightsSha256, rows[1].WeightsSha256);
        Assert.Equal(Math.Log(results.TrainPerplexity), rows[1].TrainLoss);
        Assert.Equal(Math.Log(results.ValidationPerplexity!.Value), rows[1].ValidationLoss!.Value, 1e-12);
        Assert.Equal(run.Trainer.TotalSteps, rows[1].Steps);
        Assert.Equal(3, rows.Select(row => row.WeightsSha256).Distinct().Count());
    }

    [Fact]
    public void The_row_is_what_the_log_says()
    {
        ExperimentPlan plan = _sample.Plan("set: {optimizer.clip: 0.8}");

        ExperimentRow row = ExperimentSample.Run(plan)[0];

        IReadOnlyList<StepMetrics> log = MetricLog.Read(Path.Combine(plan.Runs[0].Folder, "train_log.jsonl"));
        Assert.Equal(log.Where(step => step.Epoch == 2).Average(step => step.Loss), row.LastEpochLoss!.Value, 1e-12);
        Assert.Equal(log.Min(step => step.ValidationLoss), row.BestValidationLoss);
        Assert.Equal(log.Count(step => step.GradientNorm > 0.8) / (double)log.Count, row.GradientNorm!.ClippedShare, 1e-12);
        Assert.InRange(row.GradientNorm.ClippedShare, 0.01, 0.99);
        Assert.Equal((log.Max(step => step.GradientNorm), log[^1].GradientNorm), (row.GradientNorm.Maximum, row.GradientNorm.Final));
        Assert.Equal(log.Average(step => step.GradientNorm), row.GradientNorm.Mean, 1e-12);
        Assert.Equal(0, GradientNormSummary.Of(log, limit: 0)!.ClippedShare);
        Assert.Null(GradientNormSummary.Of([], 1));
    }

    [Fact]
    public void What_is_finished_is_kept_and_what_is_gone_is_made_again()
    {
        ExperimentPlan plan = _sample.Plan(Rates);
        IReadOnlyList<ExperimentRow> first = ExperimentSample.Run(plan);
        Directory.Delete(plan.Runs[1].Folder, recursive: true);
        Dictionary<string, DateTime> before = plan.Runs.Where(run => Directory.Exists(run.Folder))
            .ToDictionary(run => run.Name, run => File.GetLastWriteTimeUtc(Path.Combine(run.Folder, "manifest.json")));
        var said = new List<string>();

        IReadOnlyList<ExperimentRow> second = ExperimentSample.Run(plan, say: said.Add);

        Assert.Equal(first.Select(row => row.WeightsSha256), second.Select(row => row.WeightsSha256));
        Assert.Equal(2, said.Count(line => line.EndsWith("finished before, kept", StringComparison.Ordinal)));
        Assert.Contains(said, line => line.StartsWith("lr_max-0.001: begins", StringComparison.Ordinal));
        Assert.All(before, entry => Assert.Equal(
            entry.Value, File.GetLastWriteTimeUtc(Path.Combine(_sample.Output, "runs", entry.Key, "manifest.json"))));
    }

    [Fact]
    public void A_stop_saves_what_goes_on_and_the_next_call_ends_as_if_nothing_had_happened()
    {
        ExperimentPlan plan = _sample.Plan("set: {training.epochs: 40}\ngrid: {optimizer.lr_max: [1e-2, 1e-3]}");
        using var stop = new CancellationTokenSource();
        var one = new ExperimentRunOptions { Threads = 1, Parallel = 1 };

        IReadOnlyList<ExperimentRow> stopped = ExperimentSample.Run(plan, one, line =>
        {
            if (line.Contains(": step ", StringComparison.Ordinal))
            {
                stop.Cancel();
            }
        }, stop.Token);

        Assert.Equal([ExperimentRunState.Interrupted, ExperimentRunState.Pending], stopped.Select(row => row.Status));
        Assert.InRange(stopped[0].Steps, 1, plan.Runs[0].Steps - 1);
        var said = new List<string>();
        IReadOnlyList<ExperimentRow> ended = ExperimentSample.Run(plan, one, said.Add);
        Assert.Contains($"lr_max-0.01: goes on after step {stopped[0].Steps} of {plan.Runs[0].Steps}", said);
        Directory.Delete(_sample.Output, recursive: true);
        Assert.Equal(ExperimentSample.Run(plan).Select(row => row.WeightsSha256), ended.Select(row => row.WeightsSha256));
    }

    [Theory]
    [InlineData("before the manifest")]
    [InlineData("before the first checkpoint")]
    [InlineData("after a checkpoint")]
    public void A_run_that_was_killed_is_made_whole(string when)
    {
        ExperimentPlan plan = _sample.Plan("");
        string folder = plan.Runs[0].Folder, manifest = Path.Combine(folder, "manifest.json");
        string? weights = ExperimentSample.Run(plan)[0].WeightsSha256;
        switch (when)
        {
            case "before the manifest":
                Directory.GetFiles(folder).Where(file => Path.GetFileName(file) is not ("config.yaml" or "tokenizer.json")).ToList()
                    .ForEach(File.Delete);
                Directory.Delete(Path.Combine(folder, "checkpoints"), recursive: true);
                break;
            case "before the first checkpoint":
                Directory.Delete(Path.Combine(folder, "checkpoints"), recursive: true);
                goto default;
            default:
                (Manifest.Read(manifest) with { Status = RunStatus.Running, EndedAt = null, WeightsSha256 = null }).Write(manifest);
                File.Delete(Path.Combine(folder, "results.json"));
                break;
        }

        ExperimentRow again = ExperimentSample.Run(plan)[0];

        Assert.Equal((ExperimentRunState.Finished, weights), (again.Status, again.WeightsSha256));
    }

    [Fact]
    public void A_run_that_diverges_is_a_result_and_is_made_again_only_when_asked()
    {
        ExperimentPlan plan = _sample.Plan(Diverging);

        IReadOnlyList<ExperimentRow> rows = ExperimentSample.Run(plan);

        Assert.Equal([ExperimentRunState.Finished, ExperimentRunState.Failed], rows.Select(row => row.Status));
        Assert.StartsWith($"training diverged at step {rows[1].Steps + 1}: ", rows[1].Message, StringComparison.Ordinal);
        Assert.Null(rows[1].Metric(plan.Metric));
        var said = new List<string>();
        Assert.Equal($"diverged at step {rows[1].Steps + 1}", ExperimentSample.Run(plan, say: said.Add)[1].Message);
        Assert.Contains("bad: failed before; --retry makes it again", said);
        said.Clear();
        ExperimentRow retried = ExperimentSample.Run(plan, new ExperimentRunOptions { Retry = true }, said.Add)[1];
        Assert.Contains(said, line => line.StartsWith("bad: begins", StringComparison.Ordinal));
        Assert.Equal((rows[1].Message, rows[1].Steps), (retried.Message, retried.Steps));
    }

    [Fact]
    public void A_run_of_another_recipe_or_other_data_is_refused_and_replaced_by_force()
    {
        ExperimentSample.Run(_sample.Plan(Rates));
        ExperimentPlan other = _sample.Plan(Rates.Replace("lr_min: 0", "lr_min: 0, optimizer.clip: 0.5", StringComparison.Ordinal));

        var error = Assert.Throws<InvalidInputException>(() => ExperimentSample.Run(other));
        Assert.Contains("lr_max-0.01 holds a run of another recipe: optimizer.clip: 1 → 0.5", error.Message, StringComparison.Ordinal);
        Assert.Contains("--force", error.Message, StringComparison.Ordinal);
        IReadOnlyList<ExperimentRow> replaced = ExperimentSample.Run(other, new ExperimentRunOptions { Force = true });
        Assert.All(replaced, row => Assert.Equal(ExperimentRunState.Finished, row.Status));

        File.AppendAllText(_sample.In("text.txt"), "abcd");
        Assert.Contains(
            "text.txt has another SHA-256", Assert.Throws<InvalidInputException>(() => ExperimentSample.Run(other)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Threads_are_divided_among_the_runs_that_go_side_by_side()
    {
        ExperimentPlan plan = _sample.Plan(Rates + "\nthreads: 6\nparallel: 2");
        Assert.Equal((2, 3), Of(new ExperimentRunOptions()));
        Assert.Equal((3, 2), Of(new ExperimentRunOptions { Parallel = 9 }));
        Assert.Equal((2, 1), Of(new ExperimentRunOptions { Threads = 1 }));

        (int, int) Of(ExperimentRunOptions options)
        {
            ExperimentRunner runner = ExperimentSample.Runner(plan, options);
            return (runner.Parallel, runner.ThreadsPerRun);
        }
    }

    [Fact]
    public void The_report_has_a_line_for_each_run_the_best_in_words_and_the_spread_over_seeds()
    {
        ExperimentPlan plan = _sample.Plan(
            "about: Two rates.\ngrid: {optimizer.lr_max: [1e-2, 1e-6]}\nset: {optimizer.lr_min: 0}\nseeds: [1, 2]");
        ExperimentRunner runner = ExperimentSample.Runner(plan);
        ExperimentReport report = ExperimentReport.Of(plan, runner, runner.Execute());

        string? skipped = report.Write(plan, new Gnuplot("no-such-gnuplot"));

        Assert.StartsWith("loss_curves.png was not drawn: no-such-gnuplot is not installed", skipped, StringComparison.Ordinal);
        Assert.StartsWith("lr_max-0.01_seed-", report.Best, StringComparison.Ordinal);
        string page = File.ReadAllText(Path.Combine(_sample.Output, "REPORT.md"));
        Assert.StartsWith("# sample\n\nTwo rates.\n\n4 runs of ", page, StringComparison.Ordinal);
        Assert.Contains($"Least val_loss: **{report.Best}**", page, StringComparison.Ordinal);
        Assert.DoesNotContain("loss_curves.png", page, StringComparison.Ordinal);
        Assert.Equal(2, page.Split("| 1e-6 | 1 |").Length + page.Split("| 1e-6 | 2 | finished").Length - 2);
        double[] losses = [.. report.Runs.Take(2).Select(row => row.ValidationLoss!.Value)];
        double deviation = Math.Abs(losses[0] - losses[1]) / Math.Sqrt(2);
        Assert.Contains(
            FormattableString.Invariant(
                $"| 0.01 | 2 | {losses.Average():F4} | {deviation:F4} | {losses.Min():F4} | {losses.Max():F4} |"), page,
            StringComparison.Ordinal);
        using JsonDocument numbers = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_sample.Output, "results.json")));
        JsonElement first = numbers.RootElement.GetProperty("runs")[0];
        Assert.Equal("0.01", first.GetProperty("values").GetProperty("optimizer.lr_max").GetString());
        Assert.Equal(report.Runs[0].ValidationLoss, first.GetProperty("val_loss").GetDouble());
        Assert.Equal(
            report.Runs[0].GradientNorm!.ClippedShare, first.GetProperty("gradient_norm").GetProperty("clipped_share").GetDouble());
    }
}
