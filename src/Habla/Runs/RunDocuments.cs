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

    /// <summary>
    /// Says that the run has failed, and shows how it went until then, as far as that can be written: on a disk that is full there may be
    /// no room for these words either, and the failure itself is the one worth telling.
    /// </summary>
    /// <param name="weightsSha256">The hash of the newest weights on disk; null when there are none.</param>
    /// <param name="why">What failed.</param>
    public void Fail(string? weightsSha256, string why)
    {
        Quietly(() => Write(Manifest.Ended(RunStatus.Failed, _time, weightsSha256)));
        IReadOnlyList<StepMetrics> steps = [];
        Quietly(() => steps = MetricLog.Read(Folder.LogFile));
        if (steps.Count > 0)
        {
            Quietly(() => Draw(steps));
        }

        Quietly(() => RunReadme.WriteFailed(Folder, steps.Count, why));
    }

    /// <summary>Does what is worth less than the failure that is on its way.</summary>
    /// <param name="work">What to do.</param>
    public static void Quietly(Action work)
    {
        try
        {
            work();
        }
        catch (Exception error) when (error is InvalidInputException or IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>
    /// Says what the run came to: <c>results.json</c>, the pictures, <c>README.md</c>, and last the manifest's end, so that a manifest
    /// that says so has the others beside it. A resumed run that was killed on the way writes them again.
    /// </summary>
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
        preflight?.Write(Folder.PreflightFile); // first: a resumed run has none to write again
        results.Write(Folder.ResultsFile);
        List<string> skipped = Draw(steps);
        Manifest ended = Manifest.Ended(status, _time, results.WeightsSha256) with
        {
            StoppedEarly = results.StoppedEarly, WeightsStep = weightsStep,
        };
        RunReadme.Write(Folder, ended, results, warning);
        Write(ended);
        return skipped;
    }

    private List<string> Draw(IReadOnlyList<StepMetrics> steps) =>
        RunPictures.Draw(Folder, steps, _prepared.BaselinePerplexity, _prepared.Recipe.Optimizer.ClipNorm, new Gnuplot());

    private void Write(Manifest manifest)
    {
        manifest.Write(Folder.ManifestFile);
        Manifest = manifest;
    }
}
