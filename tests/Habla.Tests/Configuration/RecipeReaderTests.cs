using Habla.Configuration;
using Habla.Modeling;
using Habla.Training;

namespace Habla.Tests.Configuration;

public class RecipeReaderTests
{
    private const string Valid = """
        model:
          n_layer: 3
        data:
          train_path: train.jsonl
          val_path: val.jsonl
        scheduler:
          total_steps: 2000
        """;

    private static Recipe Read(string yaml, params string[] overrides) => RecipeReader.Read("my.yaml", yaml, overrides);

    private static string ErrorOf(string yaml, params string[] overrides) =>
        Assert.Throws<InvalidInputException>(() => Read(yaml, overrides)).Message;

    [Fact]
    public void Keys_that_are_not_written_take_their_defaults()
    {
        Recipe recipe = Read(Valid);
        Assert.Equal(3, recipe.Model.LayerCount);
        Assert.Equal(64, recipe.Model.Width);
        Assert.Equal(new OptimizerOptions(), recipe.Optimizer);
        Assert.Equal(2000, recipe.Scheduler.TotalSteps);
        Assert.Null(recipe.Training.Epochs);
    }

    [Fact]
    public void The_family_sets_defaults_wherever_it_is_written_and_single_keys_win_over_it()
    {
        Recipe recipe = Read(Valid, "model.activation=gelu", "model.family=gpt2");
        Assert.Equal(
            GptConfig.Gpt2() with { LayerCount = 3, Activation = ActivationKind.Gelu },
            recipe.Model);
    }

    [Fact]
    public void Overrides_win_over_the_file_and_the_last_wins_over_the_others() =>
        Assert.Equal(6, Read(Valid, "model.n_layer=5", "model.n_layer = 6").Model.LayerCount);

    [Fact]
    public void An_override_can_correct_a_key_of_the_file() =>
        Assert.Equal(2, Read(Valid.Replace("3", "three", StringComparison.Ordinal), "model.n_layer=2").Model.LayerCount);

    [Fact]
    public void Paths_follow_the_held_out_policy()
    {
        string yaml = Valid.Replace("train.jsonl", "runs/{heldout_policy}/train.jsonl", StringComparison.Ordinal);
        Assert.Equal("runs/verbs_4/train.jsonl", Read(yaml).Data.TrainPath);
        Assert.Equal("runs/cell/train.jsonl", Read(yaml, "data.heldout_policy=cell").Data.TrainPath);
    }

    [Theory]
    [InlineData("3e-4", 3e-4)]
    [InlineData("0.0003", 3e-4)]
    [InlineData("1", 1)]
    public void Numbers_read_the_same_in_every_culture(string text, double expected) =>
        Assert.Equal(expected, Read(Valid, $"optimizer.lr_max={text}", "optimizer.lr_min=0").Optimizer.MaximumLearningRate);

    [Fact]
    public void A_key_in_a_group_is_written_beneath_it_and_set_by_its_full_name()
    {
        Recipe recipe = Read(Valid + "\ntraining:\n  early_stopping:\n    min_delta: 0.5\n    patience: 3\n  batch_size: 4\n",
            "training.early_stopping.patience=7");
        Assert.Equal(
            (7, 0.5, 4), (recipe.Training.EarlyStoppingPatience, recipe.Training.EarlyStoppingMinimumDelta, recipe.Training.BatchSize));
        Assert.Equal(4, Read(Valid + "\ntraining: {early_stopping: {patience: 4}}\n").Training.EarlyStoppingPatience);
    }

    [Fact]
    public void A_list_of_groups_may_stand_in_lines_or_on_one()
    {
        var expected = new ParameterGroups(
            new ParameterGroup("blocks.*.attention.*", 0.5, 0), new ParameterGroup("*.bias", WeightDecay: 0.1));
        string lines = Valid
            + "\noptimizer:\n  groups:\n    - match: blocks.*.attention.*\n      lr_scale: 0.5 # half\n      weight_decay: 0\n"
            + "    - {match: '*.bias', weight_decay: 0.1}\n  clip: 2\n";
        Recipe recipe = Read(lines);
        Assert.Equal((expected, 2.0), (recipe.Optimizer.Groups, recipe.Optimizer.ClipNorm));
        string written = ConfigurationSchema.Find("optimizer.groups")!.ValueIn(recipe);
        Assert.Equal(
            """[{match: "blocks.*.attention.*", lr_scale: 0.5, weight_decay: 0}, {match: "*.bias", lr_scale: 1, weight_decay: 0.1}]""",
            written);
        Assert.Equal(expected, Read(Valid, $"optimizer.groups={written}").Optimizer.Groups);
        Assert.Equal(recipe, Read(RecipeWriter.ToYaml(recipe)));
        Assert.Empty(Read(lines, "optimizer.groups=null").Optimizer.Groups);
        Assert.Equal(
            """[{"match":"blocks.*.attention.*","lr_scale":0.5,"weight_decay":0},{"match":"*.bias","lr_scale":1,"weight_decay":0.1}]""",
            RecipeWriter.ToJson(recipe)["optimizer"]!["groups"]!.ToJsonString());
    }

    [Theory]
    [InlineData("3")]
    [InlineData("[3]")]
    [InlineData("[{lr_scale: 2}]")]
    [InlineData("[{match: a, lr_scale: -1}]")]
    [InlineData("[{match: a, lr_scale: x}]")]
    [InlineData("[{match: a, weight_decay: 11}]")]
    [InlineData("[{match: a, match: b}]")]
    [InlineData("[{match: a, rate: 2}]")]
    [InlineData("[{match: a")]
    [InlineData("[{match: [a]}]")]
    [InlineData("[{match: a}] b")]
    [InlineData("[{match: *a}]")]
    public void What_is_no_list_of_groups_is_refused(string text) => Assert.Contains(
        "is not possible; expected a list such as", ErrorOf(Valid, $"optimizer.groups={text}"), StringComparison.Ordinal);

    [Theory]
    [InlineData("[[[{match: a}]]]", "optimizer.groups: this is not possible in the list; expected a list such as")]
    [InlineData("[{match: [a]}]", "optimizer.groups: this is not possible in the list; expected a list such as")]
    [InlineData("{match: a}", "optimizer.groups: a group of keys is not possible; expected a list such as")]
    [InlineData("[{match: a, lr_scale: -1}]", "is not possible; expected a list such as")]
    public void What_is_no_list_of_groups_is_refused_in_a_file_with_its_line(string text, string message)
    {
        string error = ErrorOf(Valid + $"\noptimizer:\n  groups: {text}\n");
        Assert.StartsWith("my.yaml:9: optimizer.groups: ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> BrokenRecipes => new()
    {
        { "training:\n  patience: 3\n", "my.yaml:2: training.patience: unknown key; patience belongs beneath training.early_stopping" },
        { "training:\n  early_stoping:\n    patience: 3\n",
            "my.yaml:2: training.early_stoping: unknown key; did you mean early_stopping?" },
        { "training:\n  early_stopping.patience: 3\n",
            "my.yaml:2: training.early_stopping.patience: unknown key; patience belongs beneath training.early_stopping" },
        { "training:\n  early_stopping: 3\n",
            "my.yaml:2: training.early_stopping: expected keys beneath it, indented by two more spaces: patience, min_delta" },
        { "training:\n  early_stopping:\n    patience: -1\n",
            "my.yaml:3: training.early_stopping.patience: -1 is not possible; expected a whole number of at least 0" },
        { "training:\n  early_stopping:\n    patience: 1\n    patience: 2\n",
            "my.yaml:4: training.early_stopping.patience: this key is already on line 3; keep one of them" },
        { "training:\n  early_stopping:\n    patence: 1\n",
            "my.yaml:3: training.early_stopping.patence: unknown key; did you mean early_stopping.patience?" },
        { "model:\n  n_layr: 2\n", "my.yaml:2: model.n_layr: unknown key; did you mean n_layer?" },
        { "modle:\n  n_layer: 2\n", "my.yaml:1: modle: unknown section; did you mean model?" },
        { "model:\n  lr_max: 2\n", "my.yaml:2: model.lr_max: unknown key; lr_max belongs into the section optimizer" },
        { "lr_max: 2\n", "my.yaml:1: lr_max: unknown section; the key lr_max belongs into the section optimizer" },
        { "checkpoint:\n  compression: 2\n", "my.yaml:2: checkpoint.compression: unknown key; checkpoint has every, keep, best" },
        { "model:\n\n  n_layer: two\n", "my.yaml:3: model.n_layer: two is not possible; expected a whole number from 1 to 1000" },
        { "model:\n  n_layer: 2.5\n", "my.yaml:2: model.n_layer: 2.5 is not possible; expected a whole number from 1 to 1000" },
        { "model:\n  n_layer: \"2\"\n", "my.yaml:2: model.n_layer: '2' is not possible; expected a whole number from 1 to 1000" },
        { "model:\n  n_layer: 0\n", "my.yaml:2: model.n_layer: 0 is not possible; expected a whole number from 1 to 1000" },
        { "model:\n  n_layer:\n", "my.yaml:2: model.n_layer: nothing is not possible; expected a whole number from 1 to 1000" },
        { "model:\n  n_layer: [2, 3]\n", "my.yaml:2: model.n_layer: a list is not possible; expected a whole number from 1 to 1000" },
        { "model:\n  n_layer: {a: 1}\n",
            "my.yaml:2: model.n_layer: a group of keys is not possible; expected a whole number from 1 to 1000" },
        { "model:\n  n_layer: 99999999999\n",
            "my.yaml:2: model.n_layer: 99999999999 is not possible; expected a whole number from 1 to 1000" },
        { "model:\n  dropout: 1\n", "my.yaml:2: model.dropout: 1 is not possible; expected a number of at least 0 and below 1" },
        { "optimizer:\n  lr_max: NaN\n", "my.yaml:2: optimizer.lr_max: NaN is not possible; expected a number above 0 and at most 10" },
        { "optimizer:\n  lr_max: 3,5\n", "my.yaml:2: optimizer.lr_max: 3,5 is not possible; expected a number above 0 and at most 10" },
        { "model:\n  family: minigtp\n",
            "my.yaml:2: model.family: minigtp is not possible; expected minigpt, gpt2 or llama; did you mean minigpt?" },
        { "model:\n  tie_embeddings: yes\n", "my.yaml:2: model.tie_embeddings: yes is not possible; expected true or false" },
        { "training:\n  epochs: -1\n", "my.yaml:2: training.epochs: -1 is not possible; expected a whole number of at least 1, or null" },
        { "training:\n  rng_seed: -1\n",
            "my.yaml:2: training.rng_seed: -1 is not possible; expected a whole number from 0 to 18446744073709551615" },
        { "model:\n  n_layer: 2\n  n_head: 4\n  n_layer: 3\n",
            "my.yaml:4: model.n_layer: this key is already on line 2; keep one of them" },
        { "model:\n  n_layer: 2\nmodel:\n  n_head: 4\n", "my.yaml:3: model: this section is already on line 1; keep one of them" },
        { "model: 3\n", "my.yaml:1: model: expected keys beneath it, indented by two spaces; leave the section out to take its defaults" },
        { "model:\n  - n_layer\n", "my.yaml:2: model: expected keys and values beneath it (name: value), indented by two spaces" },
        { "", "my.yaml: the file is empty; expected sections such as model: and training: (see docs/configuration.md)" },
        { "# nothing\n", "my.yaml: the file is empty; expected sections such as model: and training: (see docs/configuration.md)" },
        { "- model\n", "my.yaml:1: expected sections such as model: and training:, each with its keys beneath it" },
        { "just words\n", "my.yaml:1: expected sections such as model: and training:, each with its keys beneath it" },
        { "model:\n\tn_layer: 2\n", "my.yaml:2: a tab indents this line; YAML takes only spaces, and Habla's recipes use two" },
        { "model: {}\n---\nmodel: {}\n", "my.yaml:2: a second document begins here; a recipe is one document, without lines of ---" },
        { "? [a]\n: b\n", "my.yaml:1: expected the name of a section, such as model:" },
        { "model:\n  n_layer: *other\n", "my.yaml:2: model.n_layer: a reference is not possible; expected a whole number from 1 to 1000" },
        { "model:\n  n_head: 5\n" + Rest,
            "my.yaml: model.d_model: 64 is not divisible by model.n_head 5; every head gets d_model / n_head numbers" },
        {
            "model:\n  d_model: 62\n" + Rest,
            "my.yaml:2: model.d_model: 62 is not divisible by model.n_head 4; every head gets d_model / n_head numbers"
        },
        {
            "model:\n  vocab_size: 65\n" + Rest,
            "my.yaml:2: model.vocab_size: 65 differs from tokenizer.vocab_size 64; the model has one embedding for each of the tokenizer's "
                + "tokens"
        },
        {
            "optimizer:\n  lr_min: 1\n" + Rest,
            "my.yaml:2: optimizer.lr_min: 1 is above optimizer.lr_max 0.0003; the rate falls from lr_max to lr_min"
        },
        {
            "scheduler:\n  total_steps: 50\n  warmup_steps: 60\ndata:\n  train_path: t\n  val_path: v\n",
            "my.yaml:3: scheduler.warmup_steps: 60 is above scheduler.total_steps 50; the warm-up is part of the run"
        },
        { "scheduler:\n  total_steps: 2000\n", "my.yaml: data.train_path: missing; name the file to learn from" },
        {
            "data:\n  train_path: t\n  val_path: v\n  val_fraction: 0.1\n",
            "my.yaml:4: data.val_fraction: data.val_path already names the validation data; keep one of the two"
        },
        {
            "data:\n  train_path: t\n  val_fraction: 0.1\n",
            "my.yaml:3: data.val_fraction: only a plain text (data.kind: windows) is cut in two; "
                + "name the validation data of sentences in data.val_path"
        },
        {
            "data:\n  train_path: t\n  val_path: v\n",
            "my.yaml: scheduler.total_steps: missing, and so is training.epochs; give one of them"
        },
        {
            "training:\n  epochs: 50\n" + Rest,
            "my.yaml:7: scheduler.total_steps: 2000 and training.epochs 50 both say how long the run is; set one of them to null"
        },
    };

    private const string Rest = "data:\n  train_path: t\n  val_path: v\nscheduler:\n  total_steps: 2000\n";

    [Theory]
    [MemberData(nameof(BrokenRecipes))]
    public void A_broken_recipe_gets_one_helpful_message(string yaml, string message) => Assert.Equal(message, ErrorOf(yaml));

    [Theory]
    [InlineData("model:\n  n_layer: 2\n n_head: 3\n", "my.yaml:3: this is not YAML: ")]
    [InlineData("model:\n  n_layer: \"2\n", "my.yaml:2: this is not YAML: ")]
    [InlineData("model: }\n", "my.yaml:1: this is not YAML: ")]
    [InlineData("model:\n  n_layer: 2: 3\n", "my.yaml:2: this is not YAML: ")]
    public void What_is_not_YAML_names_its_line(string yaml, string start) =>
        Assert.StartsWith(start, ErrorOf(yaml), StringComparison.Ordinal);

    [Theory]
    [InlineData("model.n_layr=2", "--set model.n_layr=2: model.n_layr: unknown key; did you mean n_layer?")]
    [InlineData("training.early_stopping=-1",
        "--set training.early_stopping=-1: training.early_stopping: this is a group of keys; expected training.early_stopping.patience or "
        + "training.early_stopping.min_delta")]
    [InlineData("modl.n_layer=2", "--set modl.n_layer=2: modl: unknown section; did you mean model?")]
    [InlineData("n_layer=2", "--set n_layer=2: expected section.key=value, for example --set optimizer.lr_max=1e-3")]
    [InlineData("model.n_layer", "--set model.n_layer: expected section.key=value, for example --set optimizer.lr_max=1e-3")]
    [InlineData("model.n_layer=", "--set model.n_layer=: model.n_layer: nothing is not possible; expected a whole number from 1 to 1000")]
    [InlineData("model.n_layer=x", "--set model.n_layer=x: model.n_layer: x is not possible; expected a whole number from 1 to 1000")]
    [InlineData(
        "model.d_model=63",
        "--set model.d_model=63: model.d_model: 63 is not divisible by model.n_head 4; every head gets d_model / n_head numbers")]
    public void A_broken_override_names_itself(string option, string message) => Assert.Equal(message, ErrorOf(Valid, option));

    [Fact]
    public void However_deep_a_file_is_nested_it_is_refused_at_once() =>
        Assert.Equal(
            "my.yaml:1: model: expected keys and values beneath it (name: value), indented by two spaces",
            ErrorOf("model: " + new string('[', 100_000)));

    [Fact]
    public void Tracking_with_mlflow_stands_in_a_group_of_its_own()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.In("a.yaml"), Valid + "\ntracking:\n  mlflow:\n    uri: http://localhost:5000\n    experiment: verbs\n");
        Recipe recipe = RecipeReader.Read(folder.In("a.yaml"));
        Assert.Equal(("http://localhost:5000", "verbs"), (recipe.Tracking.MlflowUri, recipe.Tracking.MlflowExperiment));

        RecipeWriter.WriteFile(folder.In("b.yaml"), recipe);
        Assert.Equal(recipe, RecipeReader.Read(folder.In("b.yaml")));
        Assert.Null(RecipeReader.Read(folder.In("a.yaml"), "tracking.mlflow.uri=null").Tracking.MlflowUri);
    }

    [Fact]
    public void A_missing_file_suggests_its_neighbour()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.In("verbs.yaml"), Valid);
        var error = Assert.Throws<InvalidInputException>(() => RecipeReader.Read(folder.In("verb.yaml")));
        Assert.Equal($"{folder.In("verb.yaml")}: there is no such file; did you mean {folder.In("verbs.yaml")}?", error.Message);
        error = Assert.Throws<InvalidInputException>(() => RecipeReader.Read(folder.In("none/verb.yaml")));
        Assert.Equal(
            $"{folder.In("none/verb.yaml")}: there is no such file; the recipes that come with Habla are in configs/", error.Message);
    }

    [Fact]
    public void A_folder_or_a_binary_file_is_no_recipe()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<InvalidInputException>(() => RecipeReader.Read(folder.Path));
        Assert.Equal($"{folder.Path}: this is a folder; expected a recipe, for example configs/verbs.yaml", error.Message);
        File.WriteAllBytes(folder.In("weights.yaml"), [0xff, 0xfe, 0xfd]);
        error = Assert.Throws<InvalidInputException>(() => RecipeReader.Read(folder.In("weights.yaml")));
        Assert.StartsWith($"{folder.In("weights.yaml")}: cannot read this file as UTF-8 text: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_order_mark_and_windows_line_ends_do_no_harm()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.In("a.yaml"), "\ufeff" + Valid.ReplaceLineEndings("\r\n"));
        Assert.Equal(3, RecipeReader.Read(folder.In("a.yaml")).Model.LayerCount);
    }
}
