using Habla.Modeling;
using Habla.Tensors.Threading;

namespace Habla.Generation;

/// <summary>
/// The texts of a request while they are made, a token of each at a time; those that are at their end drop out of the batch.
/// </summary>
internal sealed class GenerationRun : IDisposable
{
    private readonly GptConfig _config;
    private readonly GenerationRequest _request;
    private readonly InferenceSession _session;
    private readonly bool _ownsSession;
    private readonly Sampler _sampler;
    private readonly GrowingSample[] _samples;
    private GrowingSample[] _active;
    private int[] _said;
    private int _token;

    /// <param name="model">The model.</param>
    /// <param name="request">What is asked for, checked.</param>
    /// <param name="session">Reads; null makes one, which is disposed of with this.</param>
    /// <param name="options">How the model is run by a session of its own.</param>
    /// <param name="pool">The threads of a session of its own.</param>
    /// <param name="onText">Hears what is said; null for nobody.</param>
    public GenerationRun(
        Gpt model, GenerationRequest request, InferenceSession? session, InferenceOptions? options, WorkerPool? pool,
        TextListener? onText)
    {
        if (session is not null && session.Model != model)
        {
            throw new ArgumentException("the session reads with another model than the generator's", nameof(session));
        }

        (_config, _request, _sampler) = (model.Config, request, new Sampler(request.Sampling));
        _samples = [.. Enumerable.Range(0, request.SampleCount).Select(number => new GrowingSample(request, number, History(), onText))];
        (_active, _said) = (_samples, new int[_samples.Length]);
        (_session, _ownsSession) = (session ?? new InferenceSession(model, options, pool), session is null);
    }

    /// <summary>The texts, in the order of their numbers.</summary>
    public IReadOnlyList<GrowingSample> Samples => _samples;

    /// <summary>How often the older half of the context was forgotten.</summary>
    public int WindowSlides { get; private set; }

    /// <summary>Says one more token of each text that goes on.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Step()
    {
        if (_active.Length == 0 || _token == _request.MaximumTokens)
        {
            Finish(GenerationEnd.MaximumTokens);
            return false;
        }

        Read();
        for (int row = 0; row < _active.Length; row++)
        {
            _said[row] = _active[row].Say(_sampler, _session.Logits(row), _token);
        }

        _token++;
        KeepActive();
        return true;
    }

    /// <summary>Ends every text that goes on.</summary>
    public void Finish(GenerationEnd why) => Array.ForEach(_samples, sample => sample.Finish(why));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsSession)
        {
            _session.Dispose();
        }
    }

    /// <summary>Has the model read what is new: the prompt at first, then what was said last.</summary>
    private void Read()
    {
        if (_token == 0)
        {
            _session.Start([.. _request.Prompt], _active.Length);
            return;
        }

        WindowSlides += _session.SeenCount == _config.ContextLength ? 1 : 0;
        _session.Append(_said);
    }

    /// <summary>Lets texts that are at their end go.</summary>
    private void KeepActive()
    {
        if (Array.TrueForAll(_active, sample => sample.End is null))
        {
            return;
        }

        int[] rows = [.. Enumerable.Range(0, _active.Length).Where(row => _active[row].End is null)];
        (_active, _said) = ([.. rows.Select(row => _active[row])], [.. rows.Select(row => _said[row])]);
        if (rows.Length > 0)
        {
            _session.Keep(rows);
        }
    }

    private TokenHistory? History()
    {
        if (!_sampler.NeedsHistory)
        {
            return null;
        }

        var history = new TokenHistory(_config.VocabularySize);
        history.AddPrompt([.. _request.Prompt]);
        return history;
    }
}
