namespace Habla.Tracking.Mlflow;

/// <summary>One number of a run at one step.</summary>
/// <param name="Key">Its name, such as <c>train_loss</c>.</param>
/// <param name="Value">The number; it may be NaN or infinite.</param>
/// <param name="Timestamp">When it was measured, in milliseconds since 1970.</param>
/// <param name="Step">Updates done.</param>
internal readonly record struct MlflowMetric(string Key, double Value, long Timestamp, long Step);
