using Habla.Configuration;
using Habla.Modeling;
using Habla.Training;

namespace Habla.Tests.Configuration;

public class RecipesTests
{
    private static Recipe Read(string name, params string[] overrides) =>
        RecipeReader.Read(Path.Combine(Repository.Root, "configs", name), overrides);

    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(Path.Combine(Repository.Root, "configs"), "*.yaml").Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_recipe_that_comes_with_Habla_is_valid_and_explains_itself(string name)
    {
        Recipe recipe = Read(name);
        Assert.Equal(recipe, RecipeReader.Read(name, RecipeWriter.ToYaml(recipe), []));
        Assert.StartsWith("# ", File.ReadAllText(Path.Combine(Repository.Root, "configs", name)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_main_recipe_is_the_published_one()
    {
        Recipe recipe = Read("verbs.yaml");
        Assert.Equal(GptConfig.Minigpt() with { Dropout = 0.2 }, recipe.Model);
        Assert.Equal(103_680, recipe.Model.ParameterCount);
        Assert.Equal(
            new OptimizerOptions
            {
                MaximumLearningRate = 3e-4, MinimumLearningRate = 3e-5, Beta1 = 0.9, Beta2 = 0.95, Epsilon = 1e-8, WeightDecay = 0.1,
                ClipNorm = 1,
            },
            recipe.Optimizer);
        Assert.Equal(new SchedulerOptions { Type = ScheduleKind.Cosine, WarmupSteps = 100, TotalSteps = 2000 }, recipe.Scheduler);
        Assert.Equal(new TrainingOptions { BatchSize = 8, ValidateEvery = 50, LogEvery = 10, Seed = 42, DataSeed = 7 }, recipe.Training);
        Assert.Equal("runs/corpus/verbs_4/train.jsonl", recipe.Data.TrainPath);
        Assert.Equal("runs/corpus/verbs_4/val.jsonl", recipe.Data.ValidationPath);
    }

    [Fact]
    public void Another_split_of_the_corpus_is_one_override_away() =>
        Assert.Equal("runs/corpus/cell/val.jsonl", Read("verbs.yaml", "data.heldout_policy=cell").Data.ValidationPath);

    [Fact]
    public void The_recipe_with_context_differs_in_the_context_alone() =>
        Assert.Equal(
            ["model.max_seq_len: 32 → 64"],
            RecipeDifference.Between(Read("verbs.yaml"), Read("verbs-context.yaml")).Select(difference => difference.ToString()));

    [Fact]
    public void The_sonnets_recipe_has_a_token_for_each_character_of_its_text()
    {
        Recipe recipe = Read("sonnets.yaml");
        string text = Path.Combine(Repository.Root, recipe.Data.TrainPath);
        if (File.Exists(text))
        {
            Assert.Equal(recipe.Model.VocabularySize, File.ReadAllText(text).Distinct().Count());
        }
    }
}
