using System.Globalization;
using System.Text.Json;
using Habla.Tests;

namespace Habla.EndToEnd.Tests;

/// <summary>
/// A working folder as a user has it after a first try: the corpus, a recipe of verbs small enough for a test, and a finished run,
/// <c>run</c>. Tests of a command only read what is there and write under new names.
/// </summary>
public sealed class TrainedRun : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _names;

    public TrainedRun()
    {
        string[] settings =
        [
            "data.train_path=corpus/verbs_4/train.jsonl", "data.val_path=corpus/verbs_4/val.jsonl", "model.n_layer=1",
            "model.d_model=16", "model.d_ff=32", "scheduler.total_steps=20", "scheduler.warmup_steps=2", "training.val_every=10",
        ];
        Habla("corpus", "build", "--out", "corpus").Expect(0);
        File.Copy(Path.Combine(Repository.Root, "configs", "verbs.yaml"), In("verbs.yaml"));
        Finished = Habla(
            ["train", "--config", "verbs.yaml", "--out", "run", "--json", .. settings.SelectMany(one => (string[])["--set", one])]);
        Finished.Expect(0);
        File.Copy(In("run/config.yaml"), In("small.yaml"));
    }

    /// <summary>What the training of <c>run</c> said and answered.</summary>
    internal ProcessResult Finished { get; }

    /// <summary>The SHA-256 of <c>run</c>'s weights.</summary>
    public string Weights => Finished.Json.GetProperty("weights_sha256").GetString()!;

    public string In(string name) => _folder.In(name);

    /// <summary>A name that nothing in the folder has yet.</summary>
    public string NewName() => string.Create(CultureInfo.InvariantCulture, $"new-{++_names}");

    /// <summary>Runs habla in the folder.</summary>
    internal ProcessResult Habla(params string[] arguments) => HablaProcess.RunIn(_folder.Path, arguments);

    /// <summary>Runs habla in the folder, with environment variables of its own.</summary>
    internal ProcessResult HablaWith(Dictionary<string, string> environment, params string[] arguments) =>
        HablaProcess.RunIn(_folder.Path, environment, arguments);

    /// <summary>Runs habla in the folder with its output or error redirected as a shell does it.</summary>
    internal ProcessResult Redirected(string redirection, params string[] arguments) =>
        HablaProcess.Redirected(_folder.Path, redirection, arguments);

    /// <summary>Runs a command line in a shell to which <c>habla</c> is known.</summary>
    internal ProcessResult Pasted(string line) => HablaProcess.Pasted(_folder.Path, line);

    /// <summary>Talks to habla in the folder and interrupts its answer.</summary>
    internal ProcessResult InterruptedAnswer(string first, string then, params string[] arguments) =>
        HablaProcess.InterruptedAnswer(_folder.Path, first, then, arguments);

    /// <summary>Runs habla on a terminal so many columns wide.</summary>
    internal ProcessResult OnTerminal(int width, params string[] arguments) => HablaProcess.OnTerminal(_folder.Path, width, arguments);

    /// <summary>Trains like <see cref="Train"/>, with environment variables of its own.</summary>
    internal ProcessResult TrainWith(Dictionary<string, string> environment, string output) =>
        HablaWith(environment, "train", "--config", "small.yaml", "--out", output, "--no-baseline");

    /// <summary>Trains by small.yaml, which is the recipe of <c>run</c>, without a baseline.</summary>
    internal ProcessResult Train(string output, params string[] options) =>
        Habla(["train", "--config", "small.yaml", "--out", output, "--no-baseline", .. options]);

    /// <summary>Sends a run of small.yaml a signal as soon as it has done a step.</summary>
    internal ProcessResult Interrupt(string signal, string output, params string[] options) => HablaProcess.Signal(
        _folder.Path, signal, In($"{output}/train_log.jsonl"),
        ["train", "--config", "small.yaml", "--out", output, "--no-baseline", .. options]);

    /// <summary>Runs habla in the folder and sends it a signal as soon as a line of standard error begins so.</summary>
    internal ProcessResult SignalOnceSaid(string signal, string said, params string[] arguments) =>
        HablaProcess.SignalOnceSaid(_folder.Path, signal, said, arguments);

    /// <summary>A JSON file in the folder.</summary>
    internal JsonElement Json(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(In(name)));
        return document.RootElement.Clone();
    }

    /// <summary>The lines of a run's log.</summary>
    internal JsonElement[] Log(string run) =>
        [.. File.ReadAllLines(In($"{run}/train_log.jsonl")).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];

    /// <summary>Writes small.yaml with one text in it replaced under a new name.</summary>
    internal string RecipeWith(string before, string after)
    {
        string yaml = File.ReadAllText(In("small.yaml"));
        Assert.Contains(before, yaml, StringComparison.Ordinal);
        string name = NewName() + ".yaml";
        File.WriteAllText(In(name), yaml.Replace(before, after, StringComparison.Ordinal));
        return name;
    }

    /// <summary>Copies <c>run</c>, for tests that spoil something in it.</summary>
    /// <returns>The copy's name.</returns>
    internal string Copy()
    {
        string copy = NewName();
        foreach (string file in Directory.EnumerateFiles(In("run"), "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(In(copy), Path.GetRelativePath(In("run"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    }

    /// <summary>
    /// Runs a command that has to refuse: it exits 2 with one message on standard error, says nothing on standard output, and leaves
    /// every file and folder as it was.
    /// </summary>
    /// <param name="named">What the message names.</param>
    /// <param name="arguments">The command.</param>
    internal void Refuses(string[] named, params string[] arguments)
    {
        SortedDictionary<string, string> before = Contents();
        ProcessResult answer = Habla(arguments).Expect(2);

        Assert.StartsWith("habla: ", answer.Error, StringComparison.Ordinal);
        Assert.Single(answer.Error.TrimEnd('\n').Split('\n'), line => !line.StartsWith("Try: ", StringComparison.Ordinal));
        Assert.All(named, text => Assert.Contains(text, answer.Error, StringComparison.Ordinal));
        Assert.Empty(answer.Output);
        Assert.Equal(before, Contents());
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Every path with the SHA-256 of what is there; a folder has none.</summary>
    internal SortedDictionary<string, string> Contents() => new(
        Directory.EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories)
            .ToDictionary(path => path, path => Directory.Exists(path) ? "" : Sha256.OfFile(path)),
        StringComparer.Ordinal);
}
