using Habla.Checkpoints;
using Habla.Modeling;
using Habla.Runs;
using Habla.Tokenization;

namespace Habla.Tests.Runs;

public sealed class SavedModelTests(RecordedSample sample) : IClassFixture<RecordedSample>
{
    [Fact]
    public void A_run_opens_with_its_last_checkpoint_or_the_one_named()
    {
        using SavedModel last = SavedModel.Open(sample.Run), kept = SavedModel.Open(sample.Run, "step-4");

        Assert.Equal(Path.Combine(sample.Run, "checkpoints", "last", "weights.safetensors"), last.WeightsFile);
        Assert.Equal(sample.Recipe.Data, last.Run!.Recipe.Data);
        Assert.Equal(last.Run.Manifest.WeightsSha256, ModelFile.HashOf(last.Model));
        Assert.NotEqual(ModelFile.HashOf(last.Model), ModelFile.HashOf(kept.Model));
        Assert.Equal((null, null), (last.BeginId, last.EndId)); // windows over a text
    }

    [Theory]
    [InlineData("checkpoints/step-4")]
    [InlineData("checkpoints/step-4/")]
    [InlineData("checkpoints/step-4/weights.safetensors")]
    public void A_checkpoint_by_its_path_belongs_to_its_run(string path)
    {
        using SavedModel named = SavedModel.Open(Path.Combine(sample.Run, path)), run = SavedModel.Open(sample.Run, "step-4");

        Assert.Equal(ModelFile.HashOf(run.Model), ModelFile.HashOf(named.Model));
        Assert.Equal(run.Run!.Recipe.Data, named.Run!.Recipe.Data);
        Assert.Equal(run.Tokenizer.Fingerprint, named.Tokenizer.Fingerprint);
    }

    [Fact]
    public void A_folder_with_weights_and_a_tokenizer_is_a_model()
    {
        string folder = ModelFolder();
        using SavedModel model = SavedModel.Open(folder), file = SavedModel.Open(Path.Combine(folder, "weights.safetensors"));

        Assert.Null(model.Run);
        Assert.Equal(ModelFile.HashOf(model.Model), ModelFile.HashOf(file.Model));
        Assert.Equal(3, model.EncodePrompt("abc").Ids.Length);
        Assert.Equal(150, model.LoadForEvaluation(sample.Text).Count); // 1199 targets, 8 in a window
        Assert.Contains("validation data", Refused(() => model.RequireRun("validation data")), StringComparison.Ordinal);
        Assert.Contains("no checkpoint 'best'", Refused(() => SavedModel.Open(folder, "best")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("{\"add_bos_token\": false}", false)]
    [InlineData("{\"add_bos_token\": true}", true)]
    [InlineData("{}", true)]
    public void Texts_of_a_model_with_two_tokens_for_ends_begin_with_one(string? configuration, bool begins)
    {
        string folder = sample.NewName();
        Directory.CreateDirectory(folder);
        Tokenizer tokenizer = Bytes();
        tokenizer.Save(Path.Combine(folder, "tokenizer.json"));
        using (var gpt = new Gpt(sample.Recipe.Model with { VocabularySize = tokenizer.VocabularySize }))
        {
            ModelFile.Save(Path.Combine(folder, "any.safetensors"), gpt);
        }

        if (configuration is not null)
        {
            File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), configuration);
        }

        using SavedModel model = SavedModel.Open(Path.Combine(folder, "any.safetensors"));

        Assert.Equal((begins ? tokenizer.BosId : null, tokenizer.EosId), ((int?)model.BeginId, model.EndId));
        Assert.Equal(begins ? [tokenizer.BosId, .. tokenizer.Encode("ab").Ids] : tokenizer.Encode("ab").Ids, model.EncodePrompt("ab").Ids);
    }

    [Fact]
    public void What_is_no_model_is_told_by_name()
    {
        string folder = ModelFolder();
        string tokenizer = Path.Combine(folder, "tokenizer.json"), weights = Path.Combine(folder, "weights.safetensors");
        Assert.Contains("no-such", Refused(() => SavedModel.Open("no-such")), StringComparison.Ordinal);
        Assert.Contains("it has best, last, step-", Refused(() => SavedModel.Open(sample.Run, "step-5")), StringComparison.Ordinal);

        Bytes().Save(tokenizer);
        Assert.Contains("were made for 5", Refused(() => SavedModel.Open(folder)), StringComparison.Ordinal);

        File.Delete(tokenizer);
        Assert.Contains("no tokenizer.json beside it", Refused(() => SavedModel.Open(weights)), StringComparison.Ordinal);

        File.Delete(weights);
        File.WriteAllText(Path.Combine(folder, "config.json"), "{}");
        Assert.Contains("habla import", Refused(() => SavedModel.Open(folder)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_checkpoint_is_refused_by_its_run_and_by_its_path()
    {
        string copy = sample.Copy(), weights = Path.Combine(copy, "checkpoints", "last", "weights.safetensors");
        byte[] bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 1;
        File.WriteAllBytes(weights, bytes);

        Assert.Contains("are whole", Refused(() => SavedModel.Open(copy)), StringComparison.Ordinal);
        Assert.Contains("are whole", Refused(() => SavedModel.Open(weights)), StringComparison.Ordinal);
    }

    private static Tokenizer Bytes() => TokenizerTrainer.Train(
        new TokenizerOptions { Base = "bytes", VocabularySize = 260 }, new TrainingText(["abab abab"]));

    private static string Refused(Action action) => Assert.ThrowsAny<InvalidInputException>(action).Message;

    /// <summary>What importing a model leaves: weights and tokenizer.</summary>
    private string ModelFolder()
    {
        string folder = sample.NewName();
        Directory.CreateDirectory(folder);
        File.Copy(Path.Combine(sample.Run, "tokenizer.json"), Path.Combine(folder, "tokenizer.json"));
        File.Copy(
            Path.Combine(sample.Run, "checkpoints", "last", "weights.safetensors"), Path.Combine(folder, "weights.safetensors"));
        return folder;
    }
}
