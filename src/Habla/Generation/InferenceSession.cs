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
/// anew from position 0, and the older ones are forgotten. With and without a cache the same tokens are seen at the same positions.
/// </remarks>
public sealed class InferenceSession : IDisposable
{
    private readonly Gpt _model;
    private readonly Tape _tape;
    private readonly List<List<int>> _seen = [];
    private float[] _logits = [];

    /// <summary>Prepares a model for reading.</summary>
    /// <param name="model">The model; its weights must not change meanwhile.</param>
    /// <param name="options">How to run it; null (the default) for the defaults.</param>
    /// <param name="pool">The threads; null (the default) for the calling thread alone. They change no bit.</param>
    public InferenceSession(Gpt model, InferenceOptions? options = null, WorkerPool? pool = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (_model, Options) = (model, options ?? new InferenceOptions());
        _tape = new Tape(model.Parameters, TapeMode.Inference, pool);
    }

    /// <summary>How the model is run.</summary>
    public InferenceOptions Options { get; }

    /// <summary>Samples that are read side by side; 0 before <see cref="Start"/>.</summary>
    public int SampleCount => _seen.Count;

    /// <summary>Tokens that the model sees now, of each sample; at most its context.</summary>
    public int SeenCount => _seen.Count == 0 ? 0 : _seen[0].Count;

    /// <summary>Forgets what was read and reads a prompt, in one pass for all samples.</summary>
    /// <param name="prompt">Token ids, at least one and at most the model's context.</param>
    /// <param name="samples">How many samples continue it; default 1, at least 1.</param>
    /// <exception cref="InvalidInputException">The prompt is empty, longer than the context, or has a token outside the vocabulary.</exception>
    public void Start(ReadOnlySpan<int> prompt, int samples = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        CheckPrompt(_model.Config, prompt);
        _seen.Clear();
        for (int sample = 0; sample < samples; sample++)
        {
            _seen.Add([.. prompt]);
        }

        ReadAll();
    }

    /// <summary>Reads one more token of each sample.</summary>
    /// <param name="ids">A token id for each sample, in their order.</param>
    /// <exception cref="ArgumentException">There is not one id for each sample.</exception>
    /// <exception cref="InvalidInputException">An id is outside the vocabulary.</exception>
    public void Append(ReadOnlySpan<int> ids)
    {
        if (ids.Length != SampleCount)
        {
            throw new ArgumentException($"{ids.Length} tokens for {SampleCount} samples", nameof(ids));
        }

        CheckVocabulary(_model.Config, ids);
        bool full = SeenCount == _model.Config.ContextLength;
        for (int sample = 0; sample < ids.Length; sample++)
        {
            List<int> seen = _seen[sample];
            if (full)
            {
                seen.RemoveRange(0, seen.Count - (seen.Count / 2));
            }

            seen.Add(ids[sample]);
        }

        ReadAll();
    }

    /// <summary>Goes on with some of the samples only.</summary>
    /// <param name="samples">Their numbers, each at most once.</param>
    public void Keep(ReadOnlySpan<int> samples)
    {
        List<int>[] all = [.. _seen];
        float[] logits = _logits;
        int vocabulary = _model.Config.VocabularySize;
        _logits = new float[samples.Length * vocabulary];
        _seen.Clear();
        foreach (int sample in samples)
        {
            logits.AsSpan(sample * vocabulary, vocabulary).CopyTo(_logits.AsSpan(_seen.Count * vocabulary));
            _seen.Add(all[sample]);
        }
    }

    /// <summary>The logits <c>[V]</c> of the token after what a sample has read; until the next call that reads.</summary>
    /// <param name="sample">From 0.</param>
    public ReadOnlySpan<float> Logits(int sample)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)sample, (uint)SampleCount);
        int vocabulary = _model.Config.VocabularySize;
        return _logits.AsSpan(sample * vocabulary, vocabulary);
    }

    /// <inheritdoc/>
    public void Dispose() => _tape.Dispose();

    /// <summary>Refuses a prompt that a model cannot read.</summary>
    internal static void CheckPrompt(GptConfig config, ReadOnlySpan<int> prompt)
    {
        if (prompt.IsEmpty)
        {
            throw new InvalidInputException("the prompt is empty: give at least one token to continue");
        }

        if (prompt.Length > config.ContextLength)
        {
            throw new InvalidInputException(
                $"the prompt is {prompt.Length} tokens long, but the model reads {config.ContextLength} at most (model.max_seq_len): "
                + "shorten it");
        }

        CheckVocabulary(config, prompt);
    }

    private static void CheckVocabulary(GptConfig config, ReadOnlySpan<int> ids)
    {
        foreach (int id in ids)
        {
            if (id < 0 || id >= config.VocabularySize)
            {
                throw new InvalidInputException(
                    $"the prompt has token {id}, but the model's vocabulary is 0 to {config.VocabularySize - 1}");
            }
        }
    }

    private void ReadAll()
    {
        int vocabulary = _model.Config.VocabularySize, length = SeenCount;
        _tape.Reset();
        Tensor logits = _model.Forward(_tape, _seen.SelectMany(ids => ids).ToArray(), SampleCount); // [N, T, V]
        if (_logits.Length != SampleCount * vocabulary)
        {
            _logits = new float[SampleCount * vocabulary];
        }

        for (int sample = 0; sample < SampleCount; sample++)
        {
            long last = ((long)(sample + 1) * length) - 1;
            logits.Data.Slice((int)(last * vocabulary), vocabulary).CopyTo(_logits.AsSpan(sample * vocabulary));
        }
    }
}
