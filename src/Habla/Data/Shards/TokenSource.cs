namespace Habla.Data.Shards;

/// <summary>Where a token comes from.</summary>
/// <param name="Document">The id of its document.</param>
/// <param name="Position">Which token of the document it is, from 0.</param>
public sealed record TokenSource(string Document, long Position);
