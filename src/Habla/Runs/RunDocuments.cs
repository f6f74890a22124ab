using Habla.Configuration;
using Habla.Plotting;
using Habla.Tracking;

namespace Habla.Runs;

/// <summary>
/// What a run folder says of its run in whole files: at the start what it is, at the end what it came to. The steps between are told by
/// <see cref="RunListeners"/>.
/// </summary>
internal sealed class RunDocuments
{
    private readonly PreparedRun _prepared;
    private readonly TimeProvider _time;

    private RunDocuments(PreparedRun prepared, Manifest manifest, TimeProvider time) =>
        (_prepared, Manifest, _time) = (prepared, manifest, time);

    /// <summary>The manifest as it stands on disk.</summary>
    public Manifest Manifest { get; private set; }

    private RunFolder Folder => _prepared.Folder;

    /// <summary>Says what the run is: <c>manifest.json</c>, <c>config.yaml</c>, <c>tokenizer.json</c>, <c>preflight.json</c>.</summary>
    /// <param name="prepared">The run; its folder is taken.</param>
    /// <param name="manifest">The manifest it begins with.</param>
    /// <param name="preflight">What it is expected to take; null when nobody has measured.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="InvalidInputException">A file cannot be written.</exception>
    public static RunDocuments Begin(PreparedRun prepared, Manifest manifest, PreflightEstimate? preflight, TimeProvider time)
    {
        var documents = new RunDocuments(prepared, manifest, time);
        documents.Write(manifest); // first, so that from now on the folder can be told to be a run's
        RecipeWriter.WriteFile(prepared.Folder.ConfigFile, prepared.Recipe);
        prepared.Data.Tokenizer.Save(prepared.Folder.TokenizerFile);
        preflight?.Write(prepared.Folder.PreflightFile);
        return documents;
    }

    /// <summary>Says that the run has failed.</summary>
    /// <param name="weightsSha256">The hash of the newest weights on disk; null when there are none.</param>
    /// <exception cref="InvalidInputException">The manifest cannot be written.</exception>
    public void Fail(string? weightsSha256) => Write(Manifest.Ended(RunStatus.Failed, _time, weightsSha256));

    /// <summary>
    /// Says that the run has failed, if it can be said: on a disk that is full there may be no room for this word either, and the manifest
    /// then still says that the run goes on.
    /// </summary>
    /// <param name="weightsSha256">The hash of the newest weights on disk; null when there are none.</param>
    public void TryToFail(string? weightsSha256)
    {
        try
        {
            Fail(weightsSha256);
        }
        catch (InvalidInputException)
        {
            // The first failure is the one worth telling.
        }
    }

    /// <summary>Says what the run came to: <c>results.json</c>, the manifest's end, the pictures and <c>README.md</c>.</summary>
    /// <param name="status">How it ended.</param>
    /// <param name="results">Its results.</param>
    /// <param name="preflight">What it was expected to take beside what it took; null to leave that as it is.</param>
    /// <param name="weightsStep">The step whose weights it ends with.</param>
    /// <param name="steps">Its log, in order.</param>
    /// <param name="warning">What is wrong about its end; null when nothing is.</param>
    /// <returns>A line for each picture that could not be drawn.</returns>
    /// <exception cref="InvalidInputException">A file cannot be written.</exception>
    public List<string> End(
        RunStatus status, TrainingResults results, PreflightEstimate? preflight, int weightsStep, IReadOnlyList<StepMetrics> steps,
        string? warning)
    {
        results.Write(Folder.ResultsFile);
        preflight?.Write(Folder.PreflightFile);
        Write(Manifest.Ended(status, _time, results.WeightsSha256) with { StoppedEarly = results.StoppedEarly, WeightsStep = weightsStep });
        List<string> skipped = RunPictures.Draw(
            Folder, steps, _prepared.BaselinePerplexity, _prepared.Recipe.Optimizer.ClipNorm, new Gnuplot());
        RunReadme.Write(Folder, Manifest, results, warning);
        return skipped;
    }

    private void Write(Manifest manifest)
    {
        manifest.Write(Folder.ManifestFile);
        Manifest = manifest;
    }
}
