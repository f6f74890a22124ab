namespace Habla.Benchmarks;

/// <summary>What <c>habla bench scale</c> varies, one at a time.</summary>
public enum ScaleAxis
{
    /// <summary>Numbers per token in the residual stream, C; the feed-forward's hidden layer is always four times as wide.</summary>
    Width,

    /// <summary>Tokens in a sequence, T.</summary>
    SequenceLength,

    /// <summary>Sequences in a step's batch, B.</summary>
    Batch,

    /// <summary>Threads that compute.</summary>
    Threads,
}
