using Habla.Configuration;
using Habla.Tracking;

namespace Habla.Runs;

/// <summary>
/// What a training run is made from, read and checked: the folder to write, the data, the baseline, and for a resumed run what has
/// changed since it began. Nothing on disk is changed until <see cref="TakeFolder"/>.
/// </summary>
internal sealed class PreparedRun : IDisposable
{
    private RunLock? _lock;

    private PreparedRun(Recipe recipe, TrainingRunOptions options)
    {
        (Recipe, Options, Folder) = (recipe, options, RunFolder.Plan(options.Folder, options.Existing));
        _lock = Directory.Exists(Folder.Path) ? Folder.Lock() : null; // a new folder is made, and locked, when the run begins
        try
        {
            Changes = Resumes ? ResumeRules.RefuseChanges(Folder, recipe, options.AllowedChanges) : [];
            Data = RunData.Load(recipe, Resumes ? ResumeRules.SameTokenizer(Folder) : null);
            if (Resumes)
            {
                ResumeRules.RefuseOtherData(Folder, Data);
            }

            BaselinePerplexity = BaselineOf(options, Data);
        }
        catch
        {
            Data?.Dispose();
            _lock?.Dispose();
            throw;
        }
    }

    /// <summary>The recipe.</summary>
    public Recipe Recipe { get; }

    /// <summary>Where to write, and on how many threads.</summary>
    public TrainingRunOptions Options { get; }

    /// <summary>The run folder.</summary>
    public RunFolder Folder { get; }

    /// <summary>Whether the run goes on from what is in the folder.</summary>
    public bool Resumes => Options.Existing == ExistingRun.Resume;

    /// <summary>What a resumed run's recipe has that it did not begin with; empty for a new run.</summary>
    public IReadOnlyList<RecipeDifference> Changes { get; }

    /// <summary>Tokenizer and data.</summary>
    public RunData Data { get; }

    /// <summary>The best n-gram perplexity on the validation data; null when there is none.</summary>
    public double? BaselinePerplexity { get; }

    /// <summary>Reads and checks.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="options">Where to write, and on how many threads.</param>
    /// <exception cref="InvalidInputException">The folder, the data, the tokenizer or the baseline cannot be used.</exception>
    public static PreparedRun Read(Recipe recipe, TrainingRunOptions options) => new(recipe, options);

    /// <summary>Keeps the folder, which is made when missing, for this process; nothing in it is changed.</summary>
    /// <exception cref="InvalidInputException">Another process has it, has used it meanwhile, or it cannot be made.</exception>
    public void LockFolder() => _lock ??= Folder.Lock();

    /// <summary>Makes the folder, empty but for what a resumed run goes on from, and keeps it for this process.</summary>
    /// <exception cref="InvalidInputException">Another process has it, or it cannot be written.</exception>
    public void TakeFolder()
    {
        LockFolder();
        Folder.Create();
    }

    /// <summary>Gives the folder free and closes the data.</summary>
    public void Dispose()
    {
        _lock?.Dispose();
        Data.Dispose();
    }

    private static double? BaselineOf(TrainingRunOptions options, RunData data) =>
        options.BaselineFolder is { } folder ? BaselineRun.Read(folder, data).Best.ValPpl
        : options.WithBaseline && data.Validation is not null && data.NoBaseline is null ? data.Baseline().Best.ValPpl
        : null;
}
