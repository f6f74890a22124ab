namespace Habla.Benchmarks;

/// <summary>What <c>habla bench generate</c> found for one preset in one format of weights.</summary>
public sealed record GenerationMeasurement
{
    /// <summary>The preset's name.</summary>
    public required string Preset { get; init; }

    /// <summary>In what numbers weight matrices were stored: float32, float16 or q8_0.</summary>
    public required string Weights { get; init; }

    /// <summary>Numbers of the model.</summary>
    public required long Parameters { get; init; }

    /// <summary>Threads that computed.</summary>
    public required int Threads { get; init; }

    /// <summary>The most tokens that the model sees.</summary>
    public required int Context { get; init; }

    /// <summary>Tokens of the prompt: half of the context. What is decoded begins after it and ends with the context full.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Tokens of a prompt read a second, all in one pass, at the median.</summary>
    public required double PromptTokensPerS { get; init; }

    /// <summary>Median time from a prompt to the logits of the first token after it, in milliseconds.</summary>
    public required double FirstTokenMs { get; init; }

    /// <summary>Time of a session's very first pass over a prompt, in which weights are stored in their format, in milliseconds.</summary>
    public required double FirstPassMs { get; init; }

    /// <summary>Tokens decoded a second, one at a time, at the median over all of them.</summary>
    public required double DecodeTokensPerS { get; init; }

    /// <summary>Median time of a decoded token, in milliseconds.</summary>
    public required double DecodeMedianMs { get; init; }

    /// <summary>Tokens that were timed.</summary>
    public required int DecodedTokens { get; init; }

    /// <summary>Bytes of weight matrices, the head included, that a token reads.</summary>
    public required long WeightBytesPerToken { get; init; }

    /// <summary>Bytes of keys and values that the session holds for a full context.</summary>
    public required long CacheBytes { get; init; }

    /// <summary>Bytes a token takes from the managed heap.</summary>
    public required long AllocatedBytesPerToken { get; init; }

    /// <summary>
    /// The share of the memory's read rate, by as many threads and in the same process, that the weights of decoded tokens come to. Above
    /// 1 where weights stay in a cache.
    /// </summary>
    public required double BandwidthFraction { get; init; }

    /// <summary>Tokens a second at each position, with and without a cache; null unless asked for.</summary>
    public IReadOnlyList<PositionSpeed>? Positions { get; init; }
}

/// <summary>How fast a token is at one position.</summary>
/// <param name="Position">Tokens before it.</param>
/// <param name="CachedTokensPerS">Tokens a second, at the median, with keys and values kept.</param>
/// <param name="UncachedTokensPerS">The same with a pass over all tokens for each; null where it was not measured.</param>
public sealed record PositionSpeed(int Position, double CachedTokensPerS, double? UncachedTokensPerS);
