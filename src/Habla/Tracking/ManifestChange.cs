namespace Habla.Tracking;

/// <summary>A key of the recipe that has another value from a step on.</summary>
/// <param name="AfterStep">The steps that were done with the value before.</param>
/// <param name="Key">Such as <c>training.val_every</c>.</param>
/// <param name="Before">The value until then, as YAML.</param>
/// <param name="After">The value since, as YAML.</param>
public sealed record ManifestChange(int AfterStep, string Key, string Before, string After);
