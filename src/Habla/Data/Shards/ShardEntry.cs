namespace Habla.Data.Shards;

/// <summary>A shard in the index of its folder.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Tokens">Tokens in it.</param>
/// <param name="Documents">Documents with at least one token in it.</param>
/// <param name="Bytes">The file's length.</param>
/// <param name="HeaderSha256">SHA-256 of its first 4,096 bytes, which hold that of the rest.</param>
public sealed record ShardEntry(string File, long Tokens, long Documents, long Bytes, string HeaderSha256);
