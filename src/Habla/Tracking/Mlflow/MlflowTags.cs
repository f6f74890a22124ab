namespace Habla.Tracking.Mlflow;

/// <summary>Names of the tags that a run carries.</summary>
internal static class MlflowTags
{
    /// <summary>Tells a run folder's run from all others, so that a run whose creation was not answered is found again.</summary>
    public const string Key = "habla.run_key";

    public const string RunName = "mlflow.runName", User = "mlflow.user", SourceName = "mlflow.source.name",
        SourceType = "mlflow.source.type", GitCommit = "mlflow.source.git.commit";

    public const string Version = "habla.version", CommandLine = "habla.command_line", Folder = "habla.folder",
        DataSha256 = "habla.data_sha256", TokenizerSha256 = "habla.tokenizer_sha256", ConfigSha256 = "habla.config_sha256",
        WeightsSha256 = "habla.weights_sha256";

    /// <summary>Tags as MLflow takes them, sorted; those without a value are left out.</summary>
    /// <param name="tags">Names and values.</param>
    public static SortedDictionary<string, string> Sorted(params (string Key, string? Value)[] tags) => new(
        tags.Where(tag => !string.IsNullOrEmpty(tag.Value))
            .ToDictionary(tag => MlflowLimits.Key(tag.Key), tag => MlflowLimits.Value(tag.Value!, MlflowLimits.TagLength)),
        StringComparer.Ordinal);
}
