namespace Habla.Tracking.Mlflow;

/// <summary>One setting of a run; a server refuses to change it later.</summary>
/// <param name="Key">The setting's name, such as <c>model.n_layer</c>.</param>
/// <param name="Value">Its value as text.</param>
internal readonly record struct MlflowParam(string Key, string Value);
