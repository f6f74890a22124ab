using Habla.Checkpoints;
using Habla.Configuration;
using Habla.Data;
using Habla.Modeling;
using Habla.Runs;
using Habla.Runs.Verification;
using Habla.Tokenization;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Tests.Runs;

/// <summary>
/// A finished run of twelve steps with dropout, checkpoints after 4, 8 and 12 and the best after one of 5, 10 and 12. Tests spoil copies of
/// it.
/// </summary>
public sealed class RecordedSample : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _names;

    public RecordedSample()
    {
        File.WriteAllText(Text, string.Concat(Enumerable.Repeat("abcd acbd ad", 100)));
        Run = In("run");
        Train(Recipe, Run);
    }

    public string Text => In("text.txt");

    /// <summary>The run's folder.</summary>
    public string Run { get; }

    internal Recipe Recipe => new()
    {
        Model = GptConfig.Minigpt() with
        {
            VocabularySize = 5, ContextLength = 8, LayerCount = 1, HeadCount = 2, Width = 8, FeedForwardWidth = 16, Dropout = 0.1,
        },
        Tokenizer = new TokenizerOptions { Kind = "char", VocabularySize = 5, SpecialTokens = false },
        Data = new DataOptions { Kind = "windows", TrainPath = Text, ValidationFraction = 0.1 },
        Optimizer = new OptimizerOptions { MaximumLearningRate = 0.01, MinimumLearningRate = 0.001 },
        Scheduler = new SchedulerOptions { TotalSteps = 12, WarmupSteps = 2 },
        Training = new TrainingOptions { BatchSize = 4, ValidateEvery = 5 },
        Checkpoint = new CheckpointOptions { Every = 4, Keep = 3 },
    };

    public string In(string name) => Path.Combine(_folder.Path, name);

    public string NewName() => In($"new-{++_names}");

    public void Dispose() => _folder.Dispose();

    /// <summary>Trains a recipe.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="output">The run folder.</param>
    /// <param name="stopAfter">The step to be interrupted after; 0 for none.</param>
    /// <param name="existing">Whether to go on with a run.</param>
    internal static void Train(Recipe recipe, string output, int stopAfter = 0, ExistingRun existing = ExistingRun.Refuse)
    {
        using TrainingRun run = TrainingRun.Prepare(
            recipe, new TrainingRunOptions { Folder = output, WithBaseline = false, Threads = 1, Existing = existing });
        using var stop = new CancellationTokenSource();
        run.Listeners.Add(new Stopper(stopAfter, stop));
        run.Execute(stop.Token);
    }

    /// <summary>A copy of the run, to be spoilt.</summary>
    internal string Copy()
    {
        string copy = NewName();
        foreach (string file in Directory.EnumerateFiles(Run, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(copy, Path.GetRelativePath(Run, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    }

    /// <summary>Replays a run.</summary>
    internal static VerificationReport Verify(string folder, int threads = 1, int? steps = null)
    {
        using RunVerification verification = RunVerification.Prepare(folder, threads, steps);
        return verification.Execute();
    }

    internal static void Rewrite(string path, Func<string, string> change)
    {
        string before = File.ReadAllText(path), after = change(before);
        Assert.NotEqual(before, after);
        File.WriteAllText(path, after);
    }

    /// <summary>Flips the lowest bit of element 2 of a tensor.</summary>
    /// <returns>The tensor's name.</returns>
    internal static string FlipABit(string file, string tensor)
    {
        long begin;
        using (SafetensorsFile opened = SafetensorsFile.Open(file))
        {
            begin = new FileInfo(file).Length - opened.Tensors[^1].End + opened[tensor].Begin;
        }

        byte[] bytes = File.ReadAllBytes(file);
        bytes[begin + (2 * sizeof(float))] ^= 1;
        File.WriteAllBytes(file, bytes);
        return tensor;
    }

    private sealed class Stopper(int after, CancellationTokenSource stop) : ITrainingListener
    {
        public void OnStep(StepCompleted step)
        {
            if (step.Step == after)
            {
                stop.Cancel();
            }
        }
    }
}
