using Habla.Tracking;

namespace Habla.Tests.Tracking;

public class TrainingResultsTests
{
    internal static TrainingResults Example { get; } = new()
    {
        TrainPerplexity = 2,
        ValidationPerplexity = 2.5,
        ValidationAccuracy = 0.75,
        BestValidationStep = 1950,
        BestValidationPerplexity = 2.375,
        BaselineValidationPerplexity = 3.125,
        Parameters = 103_680,
        Steps = 2000,
        TokensPerSecond = 5000,
        WallClockSeconds = 60.5,
        PeakMemoryMb = 100,
        WeightsSha256 = "ff",
    };

    [Fact]
    public void Results_are_written_under_their_published_names_and_read_back()
    {
        using var folder = new TemporaryFolder();
        Example.Write(folder.In("results.json"));
        Assert.Equal(
            """
            {
              "train_ppl": 2,
              "val_ppl": 2.5,
              "val_accuracy": 0.75,
              "best_val_step": 1950,
              "best_val_ppl": 2.375,
              "ngram_baseline_val_ppl": 3.125,
              "beats_baseline": true,
              "ppl_improvement_pct": 20,
              "parameters": 103680,
              "steps": 2000,
              "stopped_early": false,
              "tokens_per_s": 5000,
              "wall_clock_s": 60.5,
              "peak_rss_mb": 100,
              "weights_sha256": "ff"
            }

            """,
            File.ReadAllText(folder.In("results.json")));
        Assert.Equal(Example, TrainingResults.Read(folder.In("results.json")));
    }

    [Fact]
    public void A_tie_does_not_beat_the_baseline() =>
        Assert.False((Example with { ValidationPerplexity = 3.125 }).BeatsBaseline);

    [Fact]
    public void A_model_that_diverged_does_not_beat_the_baseline() =>
        Assert.False((Example with { ValidationPerplexity = double.NaN }).BeatsBaseline);

    [Fact]
    public void Without_a_baseline_nothing_is_beaten_or_missed()
    {
        TrainingResults alone = Example with { BaselineValidationPerplexity = null };
        Assert.Null(alone.BeatsBaseline);
        Assert.Null(alone.PerplexityImprovementPercent);
    }
}
