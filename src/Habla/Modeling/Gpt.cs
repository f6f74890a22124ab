using Habla.Tensors;
using Habla.Tensors.Ops;

namespace Habla.Modeling;

/// <summary>
/// A GPT: token ids in, logits of the next token out. The families differ only in what <see cref="GptConfig"/> says, so this
/// forward pass serves them all.
/// </summary>
/// <remarks>Radford et al., "Language models are unsupervised multitask learners" (GPT-2), 2019.</remarks>
public sealed class Gpt : IDisposable
{
    private readonly ParameterView _tokenEmbedding;
    private readonly ParameterView? _positionEmbedding;
    private readonly Lazy<RotaryTable>? _rotary;
    private readonly Block[] _blocks;
    private readonly Norm _finalNorm;
    private readonly ParameterView _head;

    /// <summary>Lays out the parameters; all are zero until <see cref="Initialization.Initialize"/> or a checkpoint fills them.</summary>
    /// <param name="config">The shape of the model.</param>
    /// <exception cref="InvalidInputException">The configuration is impossible.</exception>
    public Gpt(GptConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        Config = config;
        int V = config.VocabularySize, T = config.ContextLength, C = config.Width;

        _tokenEmbedding = Parameters.Add(ParameterNames.TokenEmbedding, new Shape(V, C), ParameterKind.Weight);
        if (config.Position == PositionKind.Learned)
        {
            _positionEmbedding = Parameters.Add(ParameterNames.PositionEmbedding, new Shape(T, C), ParameterKind.Weight);
        }
        else
        {
            // Made when first used: a context is a number in a file, and a large one must not cost memory before the file is checked.
            _rotary = new(() => new RotaryTable(T, config.HeadSize, config.RotaryBase, config.RotaryScaling));
        }

        _blocks = [.. Enumerable.Range(0, config.LayerCount).Select(i => new Block(Parameters, $"blocks.{i}", config))];
        _finalNorm = new Norm(Parameters, "final_norm", config);
        _head = config.TieEmbeddings
            ? _tokenEmbedding
            : Parameters.Add(ParameterNames.Head, new Shape(V, C), ParameterKind.Weight);
    }

    /// <summary>The shape of the model.</summary>
    public GptConfig Config { get; }

    /// <summary>Everything that training changes, by name.</summary>
    public ParameterSet Parameters { get; } = new();

    /// <summary>The logits of the token after each position.</summary>
    /// <param name="tape">Records the pass; its dropout stream, if any, turns dropout on.</param>
    /// <param name="ids">Token ids <c>[B, T]</c>.</param>
    /// <param name="batchSize">B</param>
    /// <param name="mask">Which tokens are padding, and where what each token may look at begins; by default nothing is hidden.</param>
    /// <param name="observe">
    /// Is given what flows between the layers while it is there, by name: <c>embed_out</c>, <c>block_i_out</c>, <c>final_ln_out</c>,
    /// <c>logits</c>. Null (the default) for nobody.
    /// </param>
    /// <param name="cache">
    /// One cache for each layer, with B rows: the ids are those that follow what it holds, and it holds them too afterwards. For a tape
    /// for inference, and without a mask. Null (the default) for none.
    /// </param>
    /// <param name="lastOnly">Whether only the logits of each row's last position are wanted; default false.</param>
    /// <returns><c>[B, T, V]</c>, or <c>[B, 1, V]</c> of the last position only.</returns>
    /// <exception cref="ShapeException">
    /// The ids do not fill B rows, or a row is longer than the context; or the cache does not fit.
    /// </exception>
    public Tensor Forward(
        Tape tape, ReadOnlySpan<int> ids, int batchSize, AttentionMask mask = default,
        Action<string, Tensor>? observe = null, IReadOnlyList<AttentionCache>? cache = null, bool lastOnly = false)
    {
        ArgumentNullException.ThrowIfNull(tape);
        int first = cache is null ? 0 : CachedPositions(cache, mask);
        if (batchSize > 0 && first + (ids.Length / batchSize) > Config.ContextLength)
        {
            throw new ShapeException(
                $"a sequence of {first + (ids.Length / batchSize)} tokens is longer than the model's context of {Config.ContextLength}");
        }

        float dropout = (float)Config.Dropout;
        Tensor x = Embedding.Lookup(tape, tape.Use(_tokenEmbedding), ids, batchSize); // [B, T, C]
        if (_positionEmbedding is not null)
        {
            x = PositionEmbedding.Apply(tape, x, tape.Use(_positionEmbedding), first);
        }

        x = Dropout.Apply(tape, x, dropout);
        observe?.Invoke("embed_out", x);
        for (int i = 0; i < _blocks.Length; i++)
        {
            x = _blocks[i].Forward(tape, x, mask, _rotary?.Value, cache?[i]);
            observe?.Invoke($"block_{i}_out", x);
        }

        x = lastOnly ? LastPosition.Take(tape, x) : x; // [B, 1, C]
        x = _finalNorm.Forward(tape, x);
        observe?.Invoke("final_ln_out", x);
        x = Linear.Apply(tape, x, tape.Use(_head), inFloat32: true); // [B, T, V]
        observe?.Invoke("logits", x);
        return x;
    }

    /// <inheritdoc/>
    public void Dispose() => Parameters.Dispose();

    /// <summary>How much a cache holds; refuses one that cannot serve.</summary>
    private int CachedPositions(IReadOnlyList<AttentionCache> cache, AttentionMask mask)
    {
        if (cache.Count != Config.LayerCount || !mask.RealKeys.IsEmpty || !mask.FirstKeys.IsEmpty)
        {
            throw new ShapeException(
                $"a cache of {cache.Count} layers does not serve this pass: a model of {Config.LayerCount} layers needs one for each, and "
                + "no mask");
        }

        for (int i = 1; i < cache.Count; i++)
        {
            if (cache[i].Length != cache[0].Length)
            {
                throw new ShapeException(
                    $"layer {i} of the cache holds {cache[i].Length} positions and layer 0 {cache[0].Length}: a pass ended early; clear it");
            }
        }

        return cache[0].Length;
    }
}
