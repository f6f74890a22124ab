namespace Habla.Tracking.Mlflow;

/// <summary>A run as its store knows it.</summary>
/// <param name="ExperimentId">The experiment it belongs to.</param>
/// <param name="RunId">Its own id.</param>
/// <param name="ArtifactUri">Where the store keeps its files.</param>
internal sealed record MlflowRun(string ExperimentId, string RunId, string ArtifactUri);
