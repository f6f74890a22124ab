namespace Habla.Data.Shards;

/// <summary>A text on its way to becoming tokens.</summary>
/// <param name="Id">What tells it from others and leads back to its source.</param>
/// <param name="Text">The text.</param>
/// <param name="Source">
/// The file it is from, which all pages of it have in common; null (the default) for one that is by itself, such as a record.
/// </param>
public sealed record SourceText(string Id, string Text, string? Source = null);
