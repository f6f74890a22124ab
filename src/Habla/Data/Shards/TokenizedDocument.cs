namespace Habla.Data.Shards;

/// <summary>A document as token ids, on its way into a shard.</summary>
/// <param name="Id">What tells the document from others; it leads from a token back to its source.</param>
/// <param name="Ids">Its token ids, without the one that ends it.</param>
/// <param name="TextBytes">UTF-8 bytes of its text.</param>
/// <param name="UnknownTokens">Characters that became <c>&lt;unk&gt;</c>.</param>
public sealed record TokenizedDocument(string Id, int[] Ids, long TextBytes, int UnknownTokens);
