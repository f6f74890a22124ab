using FsCheck;
using FsCheck.Fluent;
using Habla.Configuration;
using Habla.Modeling;
using Habla.Training;

namespace Habla.Tests.Configuration;

public class RecipeWriterTests
{
    private static readonly Recipe _recipe = new()
    {
        Data = new() { TrainPath = "train.jsonl", ValidationPath = "val.jsonl" },
        Scheduler = new() { TotalSteps = 2000 },
    };

    private static Recipe RoundTrip(Recipe recipe) => RecipeReader.Read("config.yaml", RecipeWriter.ToYaml(recipe), []);

    [Fact]
    public void Every_key_is_written_in_order_with_its_value()
    {
        string[] lines = RecipeWriter.ToYaml(_recipe).Split('\n');
        Assert.Equal("model:", lines[0]);
        Assert.Equal("  family: minigpt", lines[1]);
        Assert.Contains("  lr_max: 0.0003", lines);
        Assert.Contains("  lr_min: 3e-5", lines);
        Assert.Contains("  eps: 1e-8", lines);
        Assert.Contains("  epochs: null", lines);
        Assert.Equal(
            ConfigurationSchema.Keys.Select(key => key.ShortName),
            lines.Where(line => line.StartsWith(' ') && !line.EndsWith(':')).Select(line => line.Trim().Split(':')[0]));
        int group = Array.IndexOf(lines, "  early_stopping:");
        Assert.Equal(["    patience: 0", "    min_delta: 0"], lines[(group + 1)..(group + 3)]);
    }

    [Fact]
    public void What_is_written_reads_back_as_the_same_recipe()
    {
        Assert.Equal(_recipe, RoundTrip(_recipe));
        Recipe other = _recipe with
        {
            Model = GptConfig.Gpt2() with
            {
                Position = PositionKind.Rotary, AttentionBias = false, Dropout = 0.1, InitializationStd = 1.0 / 3,
            },
            Scheduler = new() { Type = ScheduleKind.Linear, WarmupSteps = 0 },
            Training = new() { Epochs = 3, Seed = ulong.MaxValue },
            Checkpoint = new() { Best = false },
        };
        Assert.Equal(other, RoundTrip(other));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("null")]
    [InlineData("~")]
    [InlineData("a: b # c")]
    [InlineData("C:\\data\\\"x\".txt")]
    [InlineData("línea\nsiguiente\t\u0085\u2028😀")]
    [InlineData(" ")]
    [InlineData("-")]
    [InlineData("{a}")]
    public void Any_path_survives(string path)
    {
        Recipe recipe = _recipe with { Data = _recipe.Data with { TrainPath = path } };
        Assert.Equal(path, RoundTrip(recipe).Data.TrainPath);
    }

    [Fact]
    public void Any_number_survives() => Prop.ForAll<NormalFloat>(number =>
    {
        double value = Math.Abs(number.Item) % 1;
        Recipe recipe = _recipe with { Optimizer = new() { WeightDecay = value } };
        return RoundTrip(recipe).Optimizer.WeightDecay.Equals(value);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_manifest_gets_typed_json()
    {
        var json = RecipeWriter.ToJson(_recipe);
        Assert.Equal(ConfigurationSchema.Sections, json.Select(section => section.Key));
        Assert.Equal(
            """{"type":"adamw","lr_max":0.0003,"lr_min":3E-05,"beta1":0.9,"beta2":0.95,"eps":1E-08,"weight_decay":0.1,"""
                + "\"clip\":1,\"groups\":[]}",
            json["optimizer"]!.ToJsonString());
        Assert.Equal("""{"patience":0,"min_delta":0}""", json["training"]!["early_stopping"]!.ToJsonString());
        Assert.Equal("""{"type":"cosine","warmup_steps":100,"total_steps":2000,"restart_steps":null,"restart_mult":1}""",
            json["scheduler"]!.ToJsonString());
    }

    [Fact]
    public void Differences_are_told_by_key()
    {
        Assert.Empty(RecipeDifference.Between(_recipe, _recipe));
        Recipe other = _recipe with { Optimizer = new() { MaximumLearningRate = 1e-3 }, Training = new() { Epochs = 2 } };
        Assert.Equal(
            ["optimizer.lr_max: 0.0003 → 0.001", "training.epochs: null → 2"],
            RecipeDifference.Between(_recipe, other).Select(difference => difference.ToString()));
    }
}
