namespace Habla.Tracking.Mlflow;

/// <summary>A note on a run; a later one of the same name replaces it.</summary>
/// <param name="Key">The note's name, such as <c>mlflow.runName</c>.</param>
/// <param name="Value">What it says.</param>
internal readonly record struct MlflowTag(string Key, string Value);
