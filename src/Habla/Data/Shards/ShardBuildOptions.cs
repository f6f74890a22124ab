namespace Habla.Data.Shards;

/// <summary>How texts become shards.</summary>
public sealed record ShardBuildOptions
{
    internal static readonly OptionRange ValidationFractionRange = new(0, 1, ExcludeMaximum: true);

    /// <summary>The most tokens in a file. Default 100,000,000; at least 1.</summary>
    public long ShardTokens { get; init; } = ShardFolderWriter.DefaultShardTokens;

    /// <summary>The share of documents for validation; 0 splits nothing. Default 0; at least 0, below 1.</summary>
    public double ValidationFraction { get; init; }

    /// <summary>Decides, with each document's text, whether it is for validation. Default 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>Documents that are worked on at once; changes no byte of the result. Default: all of the processor's.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Whether finished shards in the folder are replaced. Default false.</summary>
    public bool Replace { get; init; }

    /// <summary>Is told after each document how many have been encoded, and how many bytes of text they had. Default nobody.</summary>
    public Action<long, long>? Progress { get; init; }
}
