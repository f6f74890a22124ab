using Habla.Configuration;
using Habla.Experiments;

namespace Habla.Tests.Experiments;

/// <summary>A folder with a text, a recipe of nine steps on it (three an epoch) and experiments over it.</summary>
internal sealed class ExperimentSample : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ExperimentSample()
    {
        File.WriteAllText(In("text.txt"), string.Concat(Enumerable.Repeat("abcd acbd ad", 8)));
        File.WriteAllText(In("recipe.yaml"), $"""
            model: {"{"}family: minigpt, n_layer: 1, n_head: 2, d_model: 8, d_ff: 16, vocab_size: 5, max_seq_len: 8{"}"}
            tokenizer: {"{"}kind: char, special_tokens: false, vocab_size: 5{"}"}
            data: {"{"}kind: windows, train_path: {In("text.txt")}, val_fraction: 0.25, stride: 4{"}"}
            optimizer: {"{"}lr_max: 1e-2, lr_min: 0{"}"}
            scheduler: {"{"}warmup_steps: 1{"}"}
            training: {"{"}batch_size: 4, epochs: 3, val_every: 3{"}"}
            checkpoint: {"{"}every: 2{"}"}
            """);
    }

    public string Output => In("out");

    public string In(string name) => _folder.In(name);

    /// <summary>Writes an experiment of the recipe and plans it.</summary>
    public ExperimentPlan Plan(string body) => ExperimentPlan.Of(ExperimentFile.Read(Write(body)), Output);

    /// <summary>Writes an experiment of the recipe.</summary>
    public string Write(string body)
    {
        string path = In("experiment.yaml");
        File.WriteAllText(path, $"name: sample\nconfig: {In("recipe.yaml")}\n{body}");
        return path;
    }

    /// <summary>Makes an experiment's runs.</summary>
    public static IReadOnlyList<ExperimentRow> Run(
        ExperimentPlan plan, ExperimentRunOptions? options = null, Action<string>? say = null, CancellationToken stop = default) =>
        Runner(plan, options, say).Execute(stop);

    public static ExperimentRunner Runner(ExperimentPlan plan, ExperimentRunOptions? options = null, Action<string>? say = null) =>
        new(plan, options ?? new ExperimentRunOptions { Threads = 2, Parallel = 2 }, say ?? (_ => { }));

    /// <summary>The recipe of the sample with nothing changed.</summary>
    public Recipe Recipe => RecipeReader.Read(In("recipe.yaml"));

    public void Dispose() => _folder.Dispose();
}
