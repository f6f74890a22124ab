namespace Habla.Tracking;

/// <summary>A key that two runs' recipes have different values for.</summary>
/// <param name="Key">The key, such as <c>optimizer.lr_max</c>.</param>
/// <param name="A">The first run's value; null where its version of Habla knew no such key.</param>
/// <param name="B">The second run's value; null where its version of Habla knew no such key.</param>
public sealed record ConfigChange(string Key, string? A, string? B);
