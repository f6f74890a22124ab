namespace Habla.Data.Shards;

/// <summary>A text on its way to becoming tokens.</summary>
/// <param name="Id">What tells it from others and leads back to its source.</param>
/// <param name="Text">The text.</param>
public sealed record SourceText(string Id, string Text);
