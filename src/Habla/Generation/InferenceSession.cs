using Habla.Modeling;
using Habla.Tensors;
using Habla.Tensors.Threading;

namespace Habla.Generation;

/// <summary>
/// A model reading: a prompt first, then a token at a time, for several samples of one length side by side. After each it has the
/// logits of what may come next.
/// </summary>
/// <remarks>
/// Past the context the window slides by half: when a token comes and the context is full, the last ⌊T/2⌋ tokens before it are read
/// anew from position 0, and the older ones are forgotten. With and without a cache the same tokens are seen at the same positions, and
/// the logits have the same bits. A prompt is read once for all samples; what it begins with stays where a sample has just read the
/// same, such as the turns of a conversation before the last one. A pass that fails half-way leaves a session that has read nothing.
/// </remarks>
public sealed class InferenceSession : IDisposable
{
    private readonly Gpt _model;
    private readonly Tape _tape;
    private readonly InferenceWeights _weights;
    private readonly KvCache? _cache;
    private readonly int _context, _vocabulary;

    private int[] _seen = []; // [N, T]: what each sample has read
    private int[] _ids = []; // what a pass is given
    private float[] _logits = [];

    /// <summary>Prepares a model for reading.</summary>
    /// <param name="model">The model; its weights must not change meanwhile.</param>
    /// <param name="options">How to run it; null (the default) for the defaults.</param>
    /// <param name="pool">The threads; null (the default) for the calling thread alone. They change no bit.</param>
    public InferenceSession(Gpt model, InferenceOptions? options = null, WorkerPool? pool = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (_model, Options) = (model, options ?? new InferenceOptions());
        (_context, _vocabulary) = (model.Config.ContextLength, model.Config.VocabularySize);
        _weights = new InferenceWeights(model.Parameters, Options.Weights);
        _tape = new Tape(model.Parameters, TapeMode.Inference, pool) { InferenceWeights = _weights };
        _cache = Options.UseCache ? new KvCache(model.Config) : null;
    }

    /// <summary>How the model is run.</summary>
    public InferenceOptions Options { get; }

    /// <summary>The model that reads.</summary>
    internal Gpt Model => _model;

    /// <summary>The threads.</summary>
    public WorkerPool Pool => _tape.Pool;

    /// <summary>Samples that are read side by side; 0 before <see cref="Start"/>.</summary>
    public int SampleCount { get; private set; }

    /// <summary>Tokens that the model sees now, of each sample; at most its context.</summary>
    public int SeenCount { get; private set; }

    /// <summary>The keys and values; null without a cache.</summary>
    internal KvCache? Cache => _cache;

    /// <summary>Bytes of keys and values that are kept; 0 without a cache.</summary>
    public long CacheBytes => _cache?.Bytes ?? 0;

    /// <summary>Bytes of the weight matrices that a token reads; 0 before the first one, which is when they are stored.</summary>
    public long WeightBytes => _weights.Bytes;

    /// <summary>
    /// Forgets what was read and reads a prompt, in one pass for all samples. What a sample has read up to now and the prompt begins with
    /// too is not computed again.
    /// </summary>
    /// <param name="prompt">Token ids, at least one and at most the model's context.</param>
    /// <param name="samples">How many samples continue it; default 1, at least 1.</param>
    /// <exception cref="InvalidInputException">
    /// The prompt is empty, longer than the context, or has a token outside the vocabulary; or there are more samples than one pass can
    /// have.
    /// </exception>
    public void Start(ReadOnlySpan<int> prompt, int samples = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        SessionChecks.Prompt(_model.Config, prompt);
        SessionChecks.Samples(_model.Config, samples);
        try
        {
            ReadPrompt(prompt, samples);
        }
        catch
        {
            Forget();
            throw;
        }
    }

    /// <summary>Reads one more token of each sample.</summary>
    /// <param name="ids">A token id for each sample, in their order.</param>
    /// <exception cref="ArgumentException">There is not one id for each sample.</exception>
    /// <exception cref="InvalidInputException">An id is outside the vocabulary.</exception>
    public void Append(ReadOnlySpan<int> ids)
    {
        if (ids.Length != SampleCount || ids.IsEmpty)
        {
            throw new ArgumentException($"{ids.Length} tokens for {SampleCount} samples", nameof(ids));
        }

        SessionChecks.Vocabulary(_model.Config, ids, "the text");
        int fresh = 1;
        if (SeenCount == _context)
        {
            SeenCount = _context / 2;
            fresh += SeenCount;
            for (int sample = 0; sample < SampleCount; sample++)
            {
                Seen(sample)[^SeenCount..].CopyTo(Seen(sample));
            }

            _cache?.Truncate(0);
        }

        for (int sample = 0; sample < SampleCount; sample++)
        {
            Seen(sample)[SeenCount] = ids[sample];
        }

        SeenCount += 1 - fresh;
        try
        {
            Read(fresh);
        }
        catch
        {
            Forget();
            throw;
        }
    }

    /// <summary>Goes on with some of the samples only.</summary>
    /// <param name="samples">Their numbers, each at most once.</param>
    public void Keep(ReadOnlySpan<int> samples)
    {
        foreach (int sample in samples)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)sample, (uint)SampleCount);
        }

        int[] seen = _seen;
        float[] logits = _logits;
        _seen = new int[samples.Length * _context];
        _logits = new float[samples.Length * _vocabulary];
        SampleCount = samples.Length;
        for (int i = 0; i < samples.Length; i++)
        {
            seen.AsSpan(samples[i] * _context, _context).CopyTo(Seen(i));
            logits.AsSpan(samples[i] * _vocabulary, _vocabulary).CopyTo(_logits.AsSpan(i * _vocabulary));
        }

        _cache?.Select(samples);
    }

    /// <summary>The logits <c>[V]</c> of the token after what a sample has read; until the next call that reads.</summary>
    /// <param name="sample">From 0.</param>
    public ReadOnlySpan<float> Logits(int sample)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)sample, (uint)SampleCount);
        return _logits.AsSpan(sample * _vocabulary, _vocabulary);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tape.Dispose();
        _weights.Dispose();
        _cache?.Dispose();
    }

    /// <summary>The sample that has read the most of what a prompt begins with becomes the only one. Returns how much that is.</summary>
    private int KeepBeginning(ReadOnlySpan<int> prompt)
    {
        int best = 0, longest = 0;
        for (int sample = 0; _cache is not null && sample < SampleCount; sample++)
        {
            int common = Seen(sample)[..SeenCount].CommonPrefixLength(prompt);
            (best, longest) = common > longest ? (sample, common) : (best, longest);
        }

        longest = Math.Min(longest, prompt.Length - 1); // the last token gives the logits
        if (longest > 0)
        {
            _cache!.Truncate(longest);
            _cache.Select([best]);
        }
        else
        {
            _cache?.Clear(1);
        }

        return longest;
    }

    private void ReadPrompt(ReadOnlySpan<int> prompt, int samples)
    {
        int kept = KeepBeginning(prompt);
        (SampleCount, SeenCount) = (1, kept);
        Resize(samples);
        prompt.CopyTo(Seen(0));
        Read(prompt.Length - kept);
        (SampleCount, SeenCount) = (samples, prompt.Length);
        for (int sample = 1; sample < samples; sample++)
        {
            prompt.CopyTo(Seen(sample));
            _logits.AsSpan(0, _vocabulary).CopyTo(_logits.AsSpan(sample * _vocabulary));
        }

        if (samples > 1)
        {
            _cache?.Select(new int[samples]);
        }
    }

    /// <summary>After a pass that failed half-way, such as for want of memory: the next prompt is read from its beginning.</summary>
    private void Forget()
    {
        (SampleCount, SeenCount) = (0, 0);
        (_seen, _ids, _logits) = ([], [], []);
        _cache?.Dispose();
    }

    /// <summary>Reads so many tokens of each sample after those that are seen, or all of them when nothing is kept.</summary>
    private void Read(int count)
    {
        SeenCount += count;
        int from = _cache is null ? 0 : SeenCount - count, length = SeenCount - from;
        for (int sample = 0; sample < SampleCount; sample++)
        {
            Seen(sample)[from..SeenCount].CopyTo(_ids.AsSpan(sample * length));
        }

        _tape.Reset();
        Tensor logits = _model.Forward(
            _tape, _ids.AsSpan(0, SampleCount * length), SampleCount, cache: _cache?.Layers, lastOnly: true); // [N, 1, V]
        logits.Data.CopyTo(_logits);
    }

    private Span<int> Seen(int sample) => _seen.AsSpan(sample * _context, _context);

    private void Resize(int samples)
    {
        if (_logits.Length != samples * _vocabulary || _seen.Length != samples * _context)
        {
            _seen = new int[samples * _context];
            _ids = new int[samples * _context];
            _logits = new float[samples * _vocabulary];
        }
    }
}
