namespace Habla.Data.Shards;

/// <summary>What became of texts that were made into shards.</summary>
/// <param name="Train">The shards to train on: all of them where nothing was split.</param>
/// <param name="Validation">The shards to validate on; null where nothing was split.</param>
/// <param name="Split">Which document went where; null where nothing was split.</param>
public sealed record ShardBuildResult(ShardIndex Train, ShardIndex? Validation, DocumentSplit? Split);
