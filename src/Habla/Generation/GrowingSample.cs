using System.Text;

namespace Habla.Generation;

/// <summary>A text while it is being made.</summary>
internal sealed class GrowingSample
{
    private readonly GenerationRequest _request;
    private readonly TokenHistory? _history;
    private readonly List<GeneratedToken> _tokens = [];
    private readonly List<long> _beginnings = []; // where in the text's bytes each token begins
    private readonly StreamedText _stream;
    private readonly StringBuilder _text = new();
    private readonly TextListener? _onText;

    /// <param name="request">What was asked for.</param>
    /// <param name="number">Which of its texts this is, from 0.</param>
    /// <param name="history">What penalties go by, the prompt in it; null without penalties.</param>
    /// <param name="onText">Hears what is said; null for nobody.</param>
    public GrowingSample(GenerationRequest request, int number, TokenHistory? history, TextListener? onText)
    {
        (_request, Number, _history, _onText) = (request, number, history, onText);
        _stream = new StreamedText(request.StopTexts);
    }

    /// <summary>Which of the texts it is, from 0.</summary>
    public int Number { get; }

    /// <summary>Why it is at its end; null while it goes on.</summary>
    public GenerationEnd? End { get; private set; }

    /// <summary>The tokens so far.</summary>
    public IReadOnlyList<GeneratedToken> Tokens => _tokens;

    /// <summary>Chooses the next token.</summary>
    public int Say(Sampler sampler, ReadOnlySpan<float> logits, int token)
    {
        int id = sampler.Choose(logits, (ulong)token, _request.FirstSample + (uint)Number, _history);
        if (_request.StopIds.Contains(id))
        {
            Finish(GenerationEnd.StopToken);
            return id;
        }

        _history?.AddSaid(id);
        _tokens.Add(new GeneratedToken(id, _request.WithLogProbabilities ? Sampler.LogProbability(logits, id) : double.NaN));
        if (_request.Decode is { } decode)
        {
            _beginnings.Add(_stream.ByteCount);
            Show(_stream.Add(decode(id)));
        }

        if (_stream.IsStopped)
        {
            End = GenerationEnd.StopText;
            int kept = _beginnings.FindIndex(beginning => beginning >= _stream.ByteCount);
            _tokens.RemoveRange(kept < 0 ? _tokens.Count : kept, kept < 0 ? 0 : _tokens.Count - kept);
        }

        return id;
    }

    /// <summary>Ends the text, unless it is at its end.</summary>
    public void Finish(GenerationEnd why)
    {
        if (End is null)
        {
            Show(_stream.Finish());
            End = why;
        }
    }

    /// <summary>The text, at its end.</summary>
    public GeneratedSample Result() => new(_tokens, _text.ToString(), End!.Value);

    private void Show(string text)
    {
        if (text.Length > 0)
        {
            _text.Append(text);
            _onText?.Invoke(Number, text);
        }
    }
}
