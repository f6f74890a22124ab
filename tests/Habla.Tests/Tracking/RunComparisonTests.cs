using System.Text.Json.Nodes;
using Habla.Plotting;
using Habla.Storage;
using Habla.Tracking;

namespace Habla.Tests.Tracking;

public sealed class RunComparisonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Runs_are_found_wherever_they_are_and_baselines_are_none()
    {
        string a = Make("runs/a", """{"model": {"d_model": 64}}"""), b = Make("runs/grid/b", """{"model": {"d_model": 64}}""");
        Make("runs/a/checkpoints/no", "{}");
        Make("runs/baseline", "{}");
        Assert.Equal([a, b], RunSummary.FoldersUnder(_folder.In("runs")));
        Assert.Equal([a], RunSummary.FoldersUnder(a));
        Assert.Throws<InvalidInputException>(() => RunSummary.FoldersUnder(_folder.In("nothing")));
    }

    [Fact]
    public void A_run_that_goes_on_tells_what_it_knows()
    {
        RunSummary run = RunSummary.Read(Make("a", "{}", losses: [3, 2.5, 2]));
        Assert.Equal((RunStatus.Running, 3, 2.0), (run.Status, run.Steps, run.TrainLoss));
        Assert.Equal(Math.Exp(2.1), run.ValidationPerplexity!.Value, 1e-12); // of step 2
        Assert.Null(run.Parameters);
        Assert.Null(run.WallClockSeconds);
    }

    [Fact]
    public void A_folder_that_is_no_run_is_refused() => Assert.Throws<InvalidInputException>(() => RunSummary.Read(_folder.Path));

    [Fact]
    public void Keys_that_differ_are_told_however_a_number_is_written_and_new_keys_too()
    {
        RunSummary a = RunSummary.Read(Make("a", """{"optimizer": {"lr_max": 3e-4, "clip": 1}, "data": {"val_path": null}}"""));
        RunSummary b = RunSummary.Read(
            Make("b", """{"optimizer": {"lr_max": 0.0003, "clip": 2}, "data": {"val_path": "x"}, "training": {"new": true}}"""));
        var comparison = RunComparison.Of(a, b);
        Assert.Equal(
            [new("data.val_path", "null", "x"), new("optimizer.clip", "1", "2"), new ConfigChange("training.new", null, "true")],
            comparison.Config);
        Assert.Contains(("steps", 4, 4), comparison.Metrics);
        Assert.Empty(RunComparison.Of(a, a).Config);
    }

    [Fact]
    public void Both_runs_stand_in_both_panels()
    {
        RunSummary a = RunSummary.Read(Make("a", "{}")), b = RunSummary.Read(Make("b", "{}", losses: [5, 4]));
        IReadOnlyList<Plot> plots = RunComparison.Of(a, b).Plots(
            RunSummary.ReadLog(RunFolder.Open(a.Folder)), RunSummary.ReadLog(RunFolder.Open(b.Folder)));
        Assert.Equal(["Training loss", "Validation loss"], plots.Select(plot => plot.Title));
        Assert.All(plots, plot => Assert.Equal([a.Folder, b.Folder], plot.Series.Select(series => series.Title)));
        Assert.Equal([(1.0, 5.0), (2.0, 4.0)], plots[0].Series[1].Points);
        Assert.Equal([2.0, 4.0], plots[1].Series[0].Points.Select(point => point.X));
    }

    /// <summary>A run folder with a log of these losses, validated after each second step.</summary>
    private string Make(string name, string config, double[]? losses = null)
    {
        string folder = _folder.In(name);
        var manifest =
            new Manifest { Seed = 1, DataSeed = 2, Config = JsonNode.Parse(config)!.AsObject(), StartedAt = DateTimeOffset.UnixEpoch };
        manifest.Write(Path.Combine(folder, "manifest.json"));
        if (name.EndsWith("baseline", StringComparison.Ordinal))
        {
            return folder;
        }

        using JsonLinesFile<StepMetrics> log = MetricLog.Open(Path.Combine(folder, "train_log.jsonl"));
        losses ??= [4, 3, 2, 1];
        for (int i = 0; i < losses.Length; i++)
        {
            log.Append(new StepMetrics(i + 1, 0, losses[i], 1e-3, 1, 1000, i % 2 == 1 ? losses[i] - 0.4 : null));
        }

        return folder;
    }
}
