using System.Text.RegularExpressions;
using Habla.Configuration;
using Habla.Runs;
using Habla.Tests.Plotting;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Tests.Runs;

/// <summary>
/// What is written at a run's end is all there at last, wherever it was cut off; and a run that fails shows how far it came.
/// </summary>
public sealed partial class RunEndTests(RecordedSample sample) : IClassFixture<RecordedSample>
{
    /// <summary>In the order in which they are written; the manifest then says that the run has ended.</summary>
    private static readonly string[] s_end =
        ["results.json", "loss_curve.png", "training_curve.png", "loss_by_epoch.png", "grad_norm.png", "README.md"];

    [GnuplotFact]
    public void A_run_cut_off_anywhere_in_its_end_ends_with_the_same_files()
    {
        for (int written = 1; written <= s_end.Length; written++)
        {
            string run = Cut(sample.Copy(), written);
            RecordedSample.Train(sample.Recipe, run, existing: ExistingRun.Resume);
            AssertSame(sample.Run, run);
        }
    }

    [Fact]
    public void Cut_off_before_its_results_it_comes_to_the_same_ones_but_for_times()
    {
        string run = Cut(sample.Copy(), written: 0);
        RecordedSample.Train(sample.Recipe, run, existing: ExistingRun.Resume);
        TrainingResults expected = TrainingResults.Read(In(sample.Run, "results.json"));
        Assert.Equal(expected, TrainingResults.Read(In(run, "results.json")) with
        {
            WallClockSeconds = expected.WallClockSeconds, PeakMemoryMb = expected.PeakMemoryMb,
        });
        Assert.Equal(RunStatus.Finished, Manifest.Read(In(run, "manifest.json")).Status);
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("training_metrics.json")]
    public void A_file_that_is_missing_from_the_end_is_written_again(string name)
    {
        string run = sample.Copy();
        File.Delete(In(run, name));
        RecordedSample.Train(sample.Recipe, run, existing: ExistingRun.Resume);
        Assert.Equal(
            File.ReadAllText(In(sample.Run, name)).Replace(sample.Run, run, StringComparison.Ordinal), File.ReadAllText(In(run, name)));
    }

    [Fact]
    public void Its_end_is_written_once_and_then_left_alone()
    {
        string run = sample.Copy();
        string before = File.ReadAllText(In(run, "manifest.json"));
        RecordedSample.Train(sample.Recipe, run, existing: ExistingRun.Resume);
        Assert.Equal(before, File.ReadAllText(In(run, "manifest.json")));
    }

    [Fact]
    public void A_disk_that_takes_no_results_leaves_an_end_that_can_be_written_later()
    {
        string run = Cut(sample.Copy(), written: 0);
        Directory.CreateDirectory(In(run, "results.json"));
        Assert.Throws<InvalidInputException>(() => RecordedSample.Train(sample.Recipe, run, existing: ExistingRun.Resume));
        Directory.Delete(In(run, "results.json"));
        RecordedSample.Train(sample.Recipe, run, existing: ExistingRun.Resume);
        Assert.Equal(RunStatus.Finished, Manifest.Read(In(run, "manifest.json")).Status);
    }

    [GnuplotFact]
    public void A_run_that_diverges_leaves_its_metrics_its_pictures_and_a_page()
    {
        string run = sample.NewName();
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => RecordedSample.Train(Diverging, run));
        Assert.All(
            (string[])["training_metrics.json", "loss_curve.png", "training_curve.png", "loss_by_epoch.png", "grad_norm.png"],
            name => Assert.True(new FileInfo(In(run, name)).Length > 0, name));
        string page = File.ReadAllText(In(run, "README.md"));
        Assert.StartsWith($"# A Habla run: failed after {error.Step - 1} steps\n", page, StringComparison.Ordinal);
        Assert.Contains(error.Message, page, StringComparison.Ordinal);
        Assert.Contains("![loss](loss_curve.png)", page, StringComparison.Ordinal);
        Assert.Equal(RunStatus.Failed, Manifest.Read(In(run, "manifest.json")).Status);
    }

    [Fact]
    public void What_cannot_be_written_then_does_not_hide_that_it_diverged()
    {
        string run = sample.NewName();
        using TrainingRun training = TrainingRun.Prepare(
            Diverging with { Checkpoint = new() { Every = 0, Best = false } },
            new TrainingRunOptions { Folder = run, WithBaseline = false, WithPreflight = false, Threads = 1 });
        training.Listeners.Add(new Obstacles(run));
        Assert.Throws<TrainingDivergedException>(() => training.Execute());
        Assert.False(Directory.Exists(In(run, "checkpoints")));
    }

    private Recipe Diverging => sample.Recipe with
    {
        Optimizer = new() { MaximumLearningRate = 10, MinimumLearningRate = 10, WeightDecay = 10, ClipNorm = 0 },
        Scheduler = new() { TotalSteps = 4000, WarmupSteps = 0 },
    };

    /// <summary>As a kill leaves it after so many files of the end.</summary>
    private static string Cut(string run, int written)
    {
        RecordedSample.Rewrite(In(run, "manifest.json"), text => Ended().Replace(text, "$1 null,")
            .Replace("\"finished\"", "\"running\"", StringComparison.Ordinal));
        foreach (string name in s_end[written..])
        {
            File.Delete(In(run, name));
        }

        return run;
    }

    private static void AssertSame(string expected, string run)
    {
        Assert.All((string[])[.. s_end[..^1], "training_metrics.json", "train_log.jsonl", "checkpoints/last/weights.safetensors"],
            name => Assert.Equal(File.ReadAllBytes(In(expected, name)), File.ReadAllBytes(In(run, name))));
        Assert.Equal(
            File.ReadAllText(In(expected, "README.md")).Replace(expected, run, StringComparison.Ordinal),
            File.ReadAllText(In(run, "README.md")));
        Manifest one = Manifest.Read(In(expected, "manifest.json")), other = Manifest.Read(In(run, "manifest.json"));
        Assert.Equal(
            (RunStatus.Finished, one.WeightsSha256, one.WeightsStep, one.StartedAt),
            (other.Status, other.WeightsSha256, other.WeightsStep, other.StartedAt));
    }

    private static string In(string run, string name) => Path.Combine(run, name);

    [GeneratedRegex("(\"(ended_at|weights_sha256|weights_step)\":) [^,]*,")]
    private static partial Regex Ended();

    /// <summary>Puts folders where files are to be written and a file where a folder is, as soon as the run has begun.</summary>
    private sealed class Obstacles(string run) : ITrainingListener
    {
        public void OnStep(StepCompleted step)
        {
            if (step.Step == 1)
            {
                File.WriteAllText(In(run, "checkpoints"), "");
                File.Delete(In(run, "manifest.json"));
                foreach (string name in (string[])["manifest.json", "training_metrics.json", "README.md", "loss_curve.png"])
                {
                    Directory.CreateDirectory(In(run, name));
                }
            }
        }
    }
}
