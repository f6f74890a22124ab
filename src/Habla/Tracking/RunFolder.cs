using Habla.Storage;

namespace Habla.Tracking;

/// <summary>
/// A run's folder and the names of what a run leaves in it. <see cref="Plan"/> checks everything and changes nothing, so that a
/// run can first make sure of its other inputs; <see cref="Create"/> then makes the folder.
/// </summary>
public sealed class RunFolder
{
    private const string ManifestName = "manifest.json";

    private readonly ExistingRun _existing;

    private RunFolder(string path, ExistingRun existing) => (Path, _existing) = (path, existing);

    /// <summary>The folder, as it was named.</summary>
    public string Path { get; }

    /// <summary>Where the run came from: seeds, versions, configuration, data, hardware; see <see cref="Manifest"/>.</summary>
    public string ManifestFile => In(ManifestName);

    /// <summary>The resolved recipe: every key with its value.</summary>
    public string ConfigFile => In("config.yaml");

    /// <summary>The tokenizer.</summary>
    public string TokenizerFile => In("tokenizer.json");

    /// <summary>One JSON object per step; see <see cref="MetricLog"/>.</summary>
    public string LogFile => In("train_log.jsonl");

    /// <summary>Where the run stands now, rewritten while it goes on.</summary>
    public string MetricsFile => In("training_metrics.json");

    /// <summary>What the run came to; see <see cref="TrainingResults"/>.</summary>
    public string ResultsFile => In("results.json");

    /// <summary>Training and validation loss by step, with the baseline.</summary>
    public string LossCurveFile => In("loss_curve.png");

    /// <summary>Losses above, learning rate below.</summary>
    public string TrainingCurveFile => In("training_curve.png");

    /// <summary>Mean training loss and last validation loss by epoch.</summary>
    public string LossByEpochFile => In("loss_by_epoch.png");

    /// <summary>The gradients' norm by step, with the limit of clipping.</summary>
    public string GradientNormFile => In("grad_norm.png");

    /// <summary>What looked wrong, and how large each layer's numbers were; see <see cref="HealthLog"/>.</summary>
    public string HealthFile => In("health.jsonl");

    /// <summary>What the run was expected to take, and what it took; see <see cref="PreflightEstimate"/>.</summary>
    public string PreflightFile => In("preflight.json");

    /// <summary>What came out, in words; see <see cref="RunReadme"/>.</summary>
    public string ReadmeFile => In("README.md");

    /// <summary>What running the model in other ways changes, for people and for programs; made by <c>habla card</c>.</summary>
    public string CardPageFile => In("CARD.md");

    /// <summary>The figures of <see cref="CardPageFile"/>.</summary>
    public string CardFile => In("card.json");

    /// <summary>Which run of MLflow this is, and how much of the spool has been sent.</summary>
    public string MlflowFile => In("mlflow.json");

    /// <summary>What MLflow is to be told, one JSON object a line.</summary>
    public string MlflowSpoolFile => In("mlflow_spool.jsonl");

    /// <summary>Held by the process that sends the spool; empty.</summary>
    public string MlflowLockFile => In("mlflow.lock");

    /// <summary>Holds a folder for each checkpoint: <c>last</c>, <c>best</c>, <c>step-N</c>.</summary>
    public string CheckpointsFolder => In("checkpoints");

    /// <summary>Holds TensorBoard's event files, when the recipe asks for them.</summary>
    public string TensorBoardFolder => In("tensorboard");

    /// <summary>Checks that a run can live in a folder; changes nothing there.</summary>
    /// <param name="path">The folder; it need not exist.</param>
    /// <param name="existing">What to do when it holds something.</param>
    /// <exception cref="InvalidInputException">
    /// Another process is at work there, the folder is not empty and may not be replaced, holds no run to replace or resume, or
    /// cannot be written.
    /// </exception>
    public static RunFolder Plan(string path, ExistingRun existing = ExistingRun.Refuse)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var folder = new RunFolder(path, existing);
        string resolved = System.IO.Path.GetFullPath(path);
        RunLock.RefuseTaken(path);
        folder.RefuseWhatIsThere(IsEmpty(path, resolved));
        RefuseUnwritable(path, resolved);
        return folder;
    }

    /// <summary>The names in a folder, whatever it holds, and whether it is there or not.</summary>
    /// <param name="path">The folder.</param>
    internal static RunFolder At(string path) => new(path, ExistingRun.Refuse);

    /// <summary>Opens the folder of a run that has been started.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="InvalidInputException">It holds no run.</exception>
    public static RunFolder Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RunFolder folder = At(path);
        folder.RefuseDamaged();
        return Manifest.IsAt(folder.ManifestFile)
            ? folder
            : throw new InvalidInputException(
                $"{path}: there is no run here (no manifest.json of Habla); name the folder that a Habla command wrote with --out");
    }

    /// <summary>
    /// Keeps the folder, which is made when missing, for this process; what is there is checked once more under the lock.
    /// </summary>
    /// <returns>The lock; the folder is free when it is disposed, or the process has ended.</returns>
    /// <exception cref="InvalidInputException">Another process has it, or the folder is no longer as it was planned.</exception>
    public RunLock Lock()
    {
        try
        {
            Directory.CreateDirectory(Path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(Path, error);
        }

        RunLock taken = RunLock.Take(Path);
        try
        {
            RefuseWhatIsThere(IsEmpty(Path, System.IO.Path.GetFullPath(Path)));
            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Makes the folder. Replacing a run deletes what runs write, by name; a file somebody else put there stays.
    /// </summary>
    /// <exception cref="InvalidInputException">The folder cannot be made.</exception>
    public void Create()
    {
        try
        {
            Directory.CreateDirectory(Path);
            if (_existing == ExistingRun.Replace)
            {
                DeleteRun();
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(Path, error);
        }
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>A manifest that was cut or closed is no reason to call a run none: what else is there may be whole.</summary>
    private void RefuseDamaged()
    {
        if (Manifest.Damage(ManifestFile) is { } damage)
        {
            string checkpoints = Directory.Exists(CheckpointsFolder) ? $"; the run's checkpoints in {CheckpointsFolder} may be whole" : "";
            throw new InvalidInputException($"{damage}{checkpoints}");
        }
    }

    private void RefuseWhatIsThere(bool isEmpty)
    {
        if (File.Exists(ConfigFile) || File.Exists(LogFile) || Directory.Exists(CheckpointsFolder))
        {
            RefuseDamaged(); // whose it is can be told without it
        }

        string? problem = (_existing, isEmpty, IsRun: Manifest.IsAt(ManifestFile)) switch
        {
            (ExistingRun.Refuse, isEmpty: false, IsRun: false) =>
                "this folder is not empty, and what it holds is no run; choose another",
            (ExistingRun.Refuse, isEmpty: false, _) =>
                "this folder is not empty; choose another, go on with its run with --resume, or replace its run with --force",
            (ExistingRun.Replace, isEmpty: false, IsRun: false) =>
                "this folder has no manifest.json of a Habla run, so nothing in it is deleted; choose another folder",
            (ExistingRun.Resume, isEmpty: true, _) =>
                "there is no run to resume here; leave out --resume to start one",
            (ExistingRun.Resume, isEmpty: false, IsRun: false) =>
                "this folder has no manifest.json of a Habla run, so there is nothing to resume; "
                + "leave out --resume and choose another folder",
            _ => null,
        };
        if (problem is not null)
        {
            throw new InvalidInputException($"{Path}: {problem}");
        }
    }

    /// <summary>What a run leaves that was killed before it had written anything does not count.</summary>
    private static bool IsEmpty(string path, string resolved)
    {
        try
        {
            return !Directory.Exists(resolved) || Directory.EnumerateFileSystemEntries(resolved)
                .All(entry => System.IO.Path.GetFileName(entry) is RunLock.FileName or RunLock.OwnerFileName
                    or ManifestName + AtomicFile.TemporarySuffix);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, error);
        }
    }

    /// <summary>Who sends the spool reads it by its name, and would take the new run's for the old one's.</summary>
    private void RefuseWhileSent()
    {
        try
        {
            if (File.Exists(MlflowLockFile))
            {
                new FileStream(MlflowLockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            }
        }
        catch (IOException error)
        {
            throw new InvalidInputException(
                $"{Path}: habla runs sync is sending the run that is here; wait until it ends, or choose another folder", error);
        }
    }

    // The manifest goes last: until then a half-deleted folder still shows that it is ours to delete.
    private void DeleteRun()
    {
        RefuseWhileSent();
        DeleteCheckpoints();
        EventFiles.DeleteFrom(TensorBoardFolder);
        string[] files =
        [
            ConfigFile, TokenizerFile, LogFile, MetricsFile, ResultsFile,
            LossCurveFile, TrainingCurveFile, LossByEpochFile, GradientNormFile, HealthFile, PreflightFile, ReadmeFile,
            CardPageFile, CardFile,
            MlflowFile, MlflowSpoolFile, MlflowLockFile, ManifestFile,
        ];
        foreach (string file in files)
        {
            File.Delete(file + AtomicFile.TemporarySuffix); // of a run that was killed
            File.Delete(file);
        }
    }

    /// <summary>Only what a run makes there; whatever else somebody keeps beside it stays.</summary>
    private void DeleteCheckpoints()
    {
        if (Directory.Exists(CheckpointsFolder))
        {
            foreach (string folder in Directory.GetDirectories(CheckpointsFolder))
            {
                if (CheckpointNames.IsName(CheckpointNames.WithoutSuffix(System.IO.Path.GetFileName(folder))))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }

            if (!Directory.EnumerateFileSystemEntries(CheckpointsFolder).Any())
            {
                Directory.Delete(CheckpointsFolder);
            }
        }
    }

    // Asked of the nearest folder that exists, by the only question that counts: a file made and removed again.
    internal static void RefuseUnwritable(string path, string resolved)
    {
        string nearest = ExistingPath.NearestTo(resolved) ?? resolved;
        if (File.Exists(nearest))
        {
            throw new InvalidInputException($"{path}: {nearest} is a file; choose a folder for the run");
        }

        try
        {
            // A name of its own for each question: runs of one experiment may ask at the same time, in the same folder.
            string name = $".habla-{System.IO.Path.GetRandomFileName()}{AtomicFile.TemporarySuffix}";
            string probe = System.IO.Path.Combine(nearest, name);
            new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, error);
        }
    }

    private static InvalidInputException Unwritable(string path, Exception error) =>
        new($"{path}: cannot write here: {error.Message.TrimEnd('.')}; choose a folder that you may write to", error);
}
