using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Habla.Tests;

namespace Habla.EndToEnd.Tests.Resuming;

/// <summary>
/// A run so small that it can be killed over and over: 3,312 parameters, 50 steps, a checkpoint after each. <c>whole</c> is the run
/// that nothing happened to; every other has to end like it.
/// </summary>
public sealed partial class TinyRun : IDisposable
{
    public const int Steps = 50;

    private const string Recipe = """
        model: { family: gpt2, n_layer: 1, n_head: 2, d_model: 16, d_ff: 32, vocab_size: 50, max_seq_len: 16, dropout: 0.1 }
        tokenizer: { kind: char, vocab_size: 50 }
        data: { kind: windows, train_path: sonnets.txt, stride: 16, val_fraction: 0.1 }
        optimizer: { lr_max: 1.0e-2 }
        scheduler: { type: cosine, warmup_steps: 5, total_steps: 50 }
        training: { batch_size: 4, val_every: 7, log_every: 40 }
        checkpoint: { every: 1 }
        """;

    private readonly TemporaryFolder _folder = new();
    private int _names;

    public TinyRun()
    {
        File.Copy(Path.Combine(Repository.Root, "data", "sonnets.txt"), In("sonnets.txt"));
        File.WriteAllText(In("tiny.yaml"), Recipe);
        Train("whole").Expect(0);
    }

    public string Folder => _folder.Path;

    public string In(string name) => _folder.In(name);

    public string NewName() => string.Create(CultureInfo.InvariantCulture, $"run-{++_names}");

    public void Dispose() => _folder.Dispose();

    internal ProcessResult Train(string output, params string[] options) => HablaProcess.RunIn(Folder, Arguments(output, options));

    internal ProcessResult TrainWhile(Action<Process> whileItRuns, string output, params string[] options) =>
        HablaProcess.While(Folder, whileItRuns, Arguments(output, options));

    /// <summary>Trains and kills the process, as nothing can be caught, once so many more steps are in the log.</summary>
    internal ProcessResult KillAfter(int steps, string output, params string[] options) => TrainWhile(
        process =>
        {
            int before = LogLines(output);
            Until(process, () => LogLines(output) >= before + steps);
            process.Kill();
        },
        output, options);

    /// <summary>Options of a run that nobody waits for: it is there to be stopped.</summary>
    internal static string[] Endless { get; } =
        ["--set", "scheduler.total_steps=10000000", "--set", "training.val_every=10000000", "--set", "checkpoint.every=0"];

    /// <summary>Trains and sends a signal once a step is in the log.</summary>
    internal ProcessResult Signal(string signal, string output, params string[] options) =>
        HablaProcess.Signal(Folder, signal, In($"{output}/train_log.jsonl"), Arguments(output, options));

    internal static void Until(Process process, Func<bool> happened)
    {
        while (!process.HasExited && !happened())
        {
            Thread.Sleep(1);
        }
    }

    internal int LogLines(string output)
    {
        try
        {
            string path = In($"{output}/train_log.jsonl");
            return File.Exists(path) ? File.ReadAllBytes(path).Count(value => value == (byte)'\n') : 0;
        }
        catch (IOException)
        {
            return 0; // being made or cut back right now
        }
    }

    /// <summary>
    /// The steps of all checkpoints whose files have the bytes they were saved with, told by other code than Habla's own.
    /// </summary>
    internal IEnumerable<int> CompleteSteps(string output) =>
        from folder in Directory.Exists(In($"{output}/checkpoints")) ? Directory.GetDirectories(In($"{output}/checkpoints")) : []
        let marker = Path.Combine(folder, "COMPLETE")
        where File.Exists(marker)
        let hashes = JsonSerializer.Deserialize<Dictionary<string, string>>(ReadAll(marker))!
        where hashes.Count == 3 && hashes.All(file => Sha256.OfFile(Path.Combine(folder, file.Key)) == file.Value)
        select Json($"{output}/checkpoints/{Path.GetFileName(folder)}/state.json").GetProperty("step").GetInt32();

    internal JsonElement Json(string name) => JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(In(name)));

    /// <summary>Holds a finished run against one that nothing happened to: all but what the clock and the memory say.</summary>
    internal void AssertLikeWhole(string output, string whole = "whole")
    {
        Assert.Equal("finished", Json($"{output}/manifest.json").GetProperty("status").GetString());
        Assert.All(
            (string[])["last/weights.safetensors", "last/optim.safetensors", "last/state.json", "best/weights.safetensors",
                "best/state.json"],
            file => Assert.Equal(Sha256.OfFile(In($"{whole}/checkpoints/{file}")), Sha256.OfFile(In($"{output}/checkpoints/{file}"))));
        Assert.Equal(WithoutTimes($"{whole}/train_log.jsonl"), WithoutTimes($"{output}/train_log.jsonl"));
        Assert.Equal(File.ReadAllText(In($"{whole}/training_metrics.json")), File.ReadAllText(In($"{output}/training_metrics.json")));
        Assert.Equal(WithoutTimes($"{whole}/results.json"), WithoutTimes($"{output}/results.json"));
        Assert.DoesNotContain(
            Directory.EnumerateFileSystemEntries(In(output), "*", SearchOption.AllDirectories),
            path => path.EndsWith(".partial", StringComparison.Ordinal) || path.EndsWith(".replaced", StringComparison.Ordinal)
                || path.Contains(".habla", StringComparison.Ordinal));
    }

    private string WithoutTimes(string name) => Measured().Replace(File.ReadAllText(In(name)), "$1 measured");

    private static string ReadAll(string path) => File.ReadAllText(path) is { Length: > 0 } text ? text : "{}";

    private static string[] Arguments(string output, string[] options) =>
        ["train", "--config", "tiny.yaml", "--out", output, "--no-baseline", "--threads", "1", .. options];

    [GeneratedRegex("(\"(tokens_per_s|wall_clock_s|peak_rss_mb)\":) ?[0-9.E+]+")]
    private static partial Regex Measured();
}
