using Habla.Baselines;
using Habla.Configuration;
using Habla.Data;
using Habla.Modeling;
using Habla.Plotting;
using Habla.Runs;
using Habla.Tokenization;
using Habla.Tracking;

namespace Habla.Tests.Runs;

public sealed class BaselineRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("habla-baseline-run-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_text_is_cut_as_for_training_and_leaves_four_files()
    {
        Recipe recipe = TextRecipe();
        var (result, skipped) = Run(recipe, "out");

        // 1,200 characters, a tenth of them for validation; the first of those is nobody's target.
        Assert.Equal(119, result.ValTokens);
        Assert.Equal(1079, result.TrainTokens);
        Assert.Contains("perplexity_vs_n.png was not drawn", skipped, StringComparison.Ordinal);
        Assert.Equal(
            ["README.md", "manifest.json", "results.json"],
            Directory.GetFiles(In("out")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Manifest manifest = Manifest.Read(In("out/manifest.json"));
        Assert.Equal(RunStatus.Finished, manifest.Status);
        Assert.Single(manifest.DataSha256);
        Assert.Contains("the last 10% of", File.ReadAllText(In("out/README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_recipe_gives_the_same_results()
    {
        Recipe recipe = TextRecipe();
        Run(recipe, "one");
        Run(recipe, "two");

        Assert.Equal(File.ReadAllBytes(In("one/results.json")), File.ReadAllBytes(In("two/results.json")));
    }

    [Fact]
    public void Without_validation_data_it_says_which_key_is_missing_and_writes_nothing()
    {
        Recipe recipe = TextRecipe();

        var error = Assert.Throws<InvalidOptionException>(() =>
            Run(recipe with { Data = recipe.Data with { ValidationFraction = 0 } }, "out"));

        Assert.StartsWith("data.val_path: missing", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(In("out")));
    }

    [Fact]
    public void A_folder_in_use_is_left_alone_unless_its_run_may_be_replaced()
    {
        Recipe recipe = TextRecipe();
        Run(recipe, "out");

        Assert.Throws<InvalidInputException>(() => Run(recipe, "out"));
        Run(recipe, "out", ExistingRun.Replace);
    }

    private (BaselineResult Result, string? Skipped) Run(Recipe recipe, string name, ExistingRun existing = ExistingRun.Refuse) =>
        BaselineRun.Execute(recipe, In(name), existing, ["habla", "baseline"], TimeProvider.System, new Gnuplot("no-such-gnuplot"));

    private Recipe TextRecipe()
    {
        string text = In("text.txt");
        File.WriteAllText(text, string.Concat(Enumerable.Repeat("abcd acbd ad", 100)));
        return new Recipe
        {
            Model = GptConfig.Minigpt() with { VocabularySize = 5, ContextLength = 8 },
            Tokenizer = new TokenizerOptions { Kind = "char", VocabularySize = 5, SpecialTokens = false },
            Data = new DataOptions { Kind = "windows", TrainPath = text, ValidationFraction = 0.1 },
        };
    }

    private string In(string name) => Path.Combine(_folder, name);
}
