using System.Text.Json.Nodes;
using Habla.Configuration;
using Habla.Runs.Verification;
using Habla.Storage;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Tests.Runs.Verification;

/// <summary>What cannot be verified, and runs that diverge.</summary>
public sealed class RunVerificationRefusalTests(RecordedSample sample) : IClassFixture<RecordedSample>
{
    [Fact]
    public void A_folder_without_a_training_run_is_refused()
    {
        string run = sample.Copy();
        File.Delete(Path.Combine(run, "config.yaml"));

        Refuses(run, "there is no training run here (no config.yaml)");
        Refuses(sample.In("nowhere"), "there is no run here (no manifest.json of Habla)");
    }

    [Fact]
    public void Another_recipe_than_the_manifest_s_is_refused_and_the_key_named()
    {
        string run = sample.Copy();
        RecordedSample.Rewrite(
            Path.Combine(run, "config.yaml"), yaml => yaml.Replace("lr_max: 0.01", "lr_max: 0.02", StringComparison.Ordinal));

        Refuses(run, "config.yaml is not the recipe that", "optimizer.lr_max is 0.02, but was 0.01");
    }

    [Fact]
    public void A_key_that_the_manifest_does_not_know_is_passed_over()
    {
        string run = sample.Copy(), path = Path.Combine(run, "manifest.json");
        JsonObject manifest = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        Assert.True(manifest["config"]!["training"]!.AsObject().Remove("log_every"));
        File.WriteAllText(path, manifest.ToJsonString());

        Assert.True(RecordedSample.Verify(run, steps: 1).Reproduced);
    }

    [Fact]
    public void Data_that_has_changed_or_gone_is_refused_with_both_hashes()
    {
        string text = sample.In("another.txt"), run = sample.NewName();
        File.Copy(sample.Text, text);
        RecordedSample.Train(sample.Recipe with { Data = sample.Recipe.Data with { TrainPath = text } }, run, stopAfter: 2);
        string before = ContentHash.OfFile(text);

        File.AppendAllText(text, "a");
        Refuses(run, text, "is not the file the run was trained on",
            $"its SHA-256 is {ContentHash.OfFile(text)}, the manifest says {before}");
        File.Delete(text);
        Refuses(run, text, "the run's data is not there", before);
    }

    [Fact]
    public void Data_without_a_hash_is_refused()
    {
        string run = sample.Copy(), path = Path.Combine(run, "manifest.json");
        (Manifest.Read(path) with { DataSha256 = new Dictionary<string, string>() }).Write(path);

        Refuses(run, $"has no SHA-256 of {sample.Text}");
    }

    [Fact]
    public void Another_tokenizer_is_refused_with_both_hashes()
    {
        string run = sample.Copy(), path = Path.Combine(run, "tokenizer.json");
        string before = ContentHash.OfFile(path);
        RecordedSample.Rewrite(path, json => json.Replace("\"d\"", "\"e\"", StringComparison.Ordinal));

        Refuses(run, "tokenizer.json is not the tokenizer", ContentHash.OfFile(path), before);
    }

    [Fact]
    public void Records_of_another_run_or_none_at_all_are_refused()
    {
        string longer = sample.Copy(), empty = sample.Copy();
        File.AppendAllText(
            Path.Combine(longer, "train_log.jsonl"), "{\"step\":13,\"epoch\":0,\"loss\":1,\"lr\":1,\"grad_norm\":1,\"tokens_per_s\":1}\n");
        Refuses(longer, "tells of step 13, but the recipe", "makes 12 steps");

        File.Delete(Path.Combine(empty, "train_log.jsonl"));
        foreach (string name in (string[])["step-4", "best"])
        {
            Directory.Delete(Path.Combine(empty, "checkpoints", name), recursive: true);
        }

        Refuses(empty, steps: 7, "up to step 7", "nothing to verify", "its 12 steps");
        Directory.Delete(Path.Combine(empty, "checkpoints"), recursive: true);
        string path = Path.Combine(empty, "manifest.json");
        (Manifest.Read(path) with { WeightsSha256 = null }).Write(path);
        Refuses(empty, "has recorded no step and no checkpoint");
    }

    [Fact]
    public void A_run_that_diverged_is_reproduced_up_to_there()
    {
        string run = sample.NewName();
        TrainingDivergedException failure = Assert.Throws<TrainingDivergedException>(() => RecordedSample.Train(Diverging(), run));

        VerificationReport report = RecordedSample.Verify(run);

        Assert.True(report.Reproduced);
        Assert.Equal(failure.Step - 1, report.Steps);
        Assert.Contains(report.Checkpoints, one => one.Name == "diverged" && one.Step == failure.Step - 1);
        Assert.Null(report.Divergence);
    }

    [Fact]
    public void A_replay_that_diverges_where_the_run_did_not_is_no_reproduction()
    {
        // The records of a sound run beside a recipe that diverges.
        string run = sample.NewName(), path = Path.Combine(run, "manifest.json");
        RecordedSample.Train(sample.Recipe with { Scheduler = Diverging().Scheduler }, run);
        RecipeWriter.WriteFile(Path.Combine(run, "config.yaml"), Diverging());
        (Manifest.Read(path) with { Config = RecipeWriter.ToJson(Diverging()) }).Write(path);
        Directory.Delete(Path.Combine(run, "checkpoints"), recursive: true);

        VerificationReport report = RecordedSample.Verify(run);

        Assert.False(report.Reproduced);
        Assert.StartsWith("training diverged at step ", report.Divergence, StringComparison.Ordinal);
        Assert.InRange(report.Steps, 1, 59);
        Assert.Equal((1, "lr"), (report.DiffersAtStep!.Value, report.LogDifference!.Field));
    }

    /// <summary>Decay by lr·λ = 100 multiplies every weight by -99, at each step.</summary>
    private Recipe Diverging() => sample.Recipe with
    {
        Optimizer = new OptimizerOptions { MaximumLearningRate = 10, MinimumLearningRate = 10, WeightDecay = 10 },
        Scheduler = new SchedulerOptions { TotalSteps = 60, WarmupSteps = 2 },
    };

    private static void Refuses(string run, params string[] named) => Refuses(run, null, named);

    private static void Refuses(string run, int? steps, params string[] named)
    {
        var error = Assert.Throws<InvalidInputException>(() => RunVerification.Prepare(run, threads: 1, steps).Dispose());
        Assert.All(named, text => Assert.Contains(text, error.Message, StringComparison.Ordinal));
    }
}
