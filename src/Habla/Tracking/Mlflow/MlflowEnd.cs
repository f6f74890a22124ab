namespace Habla.Tracking.Mlflow;

/// <summary>
/// What MLflow is told when a run ends: final numbers, status, files. A process may be killed after the run folder says how the run ended
/// and before the spool does; <see cref="Complete"/> makes up for that.
/// </summary>
internal static class MlflowEnd
{
    /// <summary>The entries of an end, in order.</summary>
    /// <param name="folder">The run; what it is to leave is written.</param>
    /// <param name="status">How it ended.</param>
    /// <param name="results">What it came to; null when it failed.</param>
    /// <param name="time">When, in milliseconds since 1970.</param>
    public static IEnumerable<MlflowEntry> Of(RunFolder folder, RunStatus status, TrainingResults? results, long time)
    {
        if (results is not null)
        {
            yield return new MlflowEntry { Kind = MlflowEntryKind.Step, Time = time, Step = results.Steps, Metrics = MetricsOf(results) };
        }

        yield return new MlflowEntry
        {
            Kind = MlflowEntryKind.End,
            Time = time,
            Status = MlflowStatus.Of(status),
            Tags = results is null ? null : MlflowTags.Sorted((MlflowTags.WeightsSha256, results.WeightsSha256)),
        };
        IEnumerable<string> pictures = Directory.EnumerateFiles(folder.Path, "*.png").Select(file => Path.GetFileName(file));
        foreach (MlflowEntry file in Files(
            folder, time,
            ["manifest.json", "config.yaml", "tokenizer.json", "results.json", "training_metrics.json", "README.md",
                .. pictures.Order(StringComparer.Ordinal)]))
        {
            yield return file;
        }
    }

    /// <summary>Entries for those files that the run folder has.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="time">When, in milliseconds since 1970.</param>
    /// <param name="names">The files, relative to the folder.</param>
    public static IEnumerable<MlflowEntry> Files(RunFolder folder, long time, IEnumerable<string> names) =>
        from name in names
        where File.Exists(Path.Combine(folder.Path, name))
        select new MlflowEntry { Kind = MlflowEntryKind.Artifact, Time = time, File = name };

    /// <summary>
    /// Adds what a spool lacks of the end of a run that nobody trains: as the manifest tells it, and that the run was killed, at its last
    /// sign, where the manifest still has it running.
    /// </summary>
    /// <param name="folder">The run; the caller has its lock, see <see cref="RunLock"/>, so that nobody else writes the spool.</param>
    /// <returns>Whether anything was missing.</returns>
    /// <exception cref="InvalidInputException">The spool or the manifest cannot be read, or the spool cannot be written.</exception>
    public static bool Complete(RunFolder folder)
    {
        using MlflowSpool spool = MlflowSpool.Open(folder.MlflowSpoolFile, long.MaxValue);
        MlflowEntry[] missing = spool.Last is { } last ? [.. Missing(folder, spool, last)] : [];
        Array.ForEach(missing, spool.Append);
        return missing.Length > 0;
    }

    private static IEnumerable<MlflowEntry> Missing(RunFolder folder, MlflowSpool spool, MlflowEntry last)
    {
        var manifest = Manifest.Read(folder.ManifestFile);
        if (manifest.Status == RunStatus.Running)
        {
            var killed = new MlflowEntry { Kind = MlflowEntryKind.End, Time = last.Time, Status = MlflowStatus.Killed };
            return last.Kind == MlflowEntryKind.End ? [] : [killed];
        }

        TrainingResults? results = manifest.Status != RunStatus.Failed ? TrainingResults.ReadIfThere(folder.ResultsFile) : null;
        bool isTold = last.Kind == MlflowEntryKind.End && last.Status == MlflowStatus.Of(manifest.Status);
        return Of(folder, manifest.Status, results, manifest.EndedAt?.ToUnixTimeMilliseconds() ?? last.Time)
            .Where(entry => !isTold || (entry.Kind == MlflowEntryKind.Artifact && !spool.LastFiles.Contains(entry.File!)));
    }

    private static SortedDictionary<string, double> MetricsOf(TrainingResults results)
    {
        var metrics = new SortedDictionary<string, double>(StringComparer.Ordinal)
        {
            ["final.parameters"] = results.Parameters,
            ["final.peak_rss_mb"] = results.PeakMemoryMb,
            ["final.tokens_per_s"] = results.TokensPerSecond,
            ["final.train_ppl"] = results.TrainPerplexity,
            ["final.wall_clock_s"] = results.WallClockSeconds,
        };
        (string Name, double? Value)[] known =
        [
            ("final.val_ppl", results.ValidationPerplexity), ("final.val_accuracy", results.ValidationAccuracy),
            ("final.best_val_ppl", results.BestValidationPerplexity),
            ("final.ngram_baseline_val_ppl", results.BaselineValidationPerplexity),
        ];
        foreach ((string name, double? value) in known)
        {
            if (value is { } number)
            {
                metrics[name] = number;
            }
        }

        return metrics;
    }
}
