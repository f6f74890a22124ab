using Habla.Modeling;
using Habla.Tensors;

namespace Habla.Generation;

/// <summary>
/// The keys and values of what a model has read, for each layer, of several samples of one length: a new token costs one row through the
/// model. <see cref="Gpt.Forward"/> reads it and adds to it.
/// </summary>
/// <remarks>
/// It takes 2·L·H_kv·D·4 bytes a token and sample, such as 72 KB for gpt2-124m; memory grows with what is read, by doubling.
/// </remarks>
public sealed class KvCache : IDisposable
{
    private readonly AttentionCache[] _layers;

    /// <summary>Prepares an empty cache.</summary>
    /// <param name="config">The shape of the model.</param>
    public KvCache(GptConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        Capacity = config.ContextLength;
        _layers = [.. Enumerable.Range(0, config.LayerCount)
            .Select(_ => new AttentionCache(config.KeyValueHeads, config.HeadSize, config.ContextLength))];
    }

    /// <summary>The layers' caches, in their order.</summary>
    public IReadOnlyList<AttentionCache> Layers => _layers;

    /// <summary>Samples that are kept side by side; 0 at first.</summary>
    public int SampleCount => _layers[0].RowCount;

    /// <summary>Tokens that are kept of each sample: the position of the next one.</summary>
    public int Position => _layers[^1].Length;

    /// <summary>The most tokens of a sample: the model's context.</summary>
    public int Capacity { get; }

    /// <summary>Bytes of the memory held, used or not.</summary>
    public long Bytes => _layers.Sum(layer => layer.Bytes);

    /// <summary>Forgets everything and begins with empty samples.</summary>
    /// <param name="samples">How many.</param>
    public void Clear(int samples)
    {
        foreach (AttentionCache layer in _layers)
        {
            layer.Clear(samples);
        }
    }

    /// <summary>Forgets the tokens from a position on.</summary>
    /// <param name="position">How many stay; at most <see cref="Position"/>.</param>
    public void Truncate(int position)
    {
        foreach (AttentionCache layer in _layers)
        {
            layer.Truncate(position);
        }
    }

    /// <summary>Goes on with some of the samples, in the order given; one that is given again is copied.</summary>
    /// <param name="samples">For each new sample, which of the old ones it is.</param>
    public void Select(ReadOnlySpan<int> samples)
    {
        foreach (AttentionCache layer in _layers)
        {
            layer.Select(samples);
        }
    }

    /// <summary>Frees the memory: the cache is empty, and may be filled again.</summary>
    public void Dispose()
    {
        foreach (AttentionCache layer in _layers)
        {
            layer.Dispose();
        }
    }
}
