using System.Runtime.InteropServices;

namespace Habla.Generation;

/// <summary>Which tokens a text has so far, and how often each was said after the prompt: what penalties go by.</summary>
public sealed class TokenHistory
{
    private readonly List<int> _distinct = [];
    private readonly bool[] _isThere;
    private readonly int[] _said;

    /// <summary>A text that has no token yet.</summary>
    /// <param name="vocabularySize">How many tokens the model knows, <c>V</c>.</param>
    public TokenHistory(int vocabularySize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(vocabularySize);
        (_isThere, _said) = (new bool[vocabularySize], new int[vocabularySize]);
    }

    /// <summary>A text that will never have a token, for choices without penalties.</summary>
    public static TokenHistory Empty { get; } = new(0);

    /// <summary>The tokens of prompt and text, each once, in the order in which they first came.</summary>
    public ReadOnlySpan<int> Distinct => CollectionsMarshal.AsSpan(_distinct);

    /// <summary>How often a token was said after the prompt.</summary>
    /// <param name="id">A token of the vocabulary.</param>
    public int SaidCount(int id) => _said[id];

    /// <summary>Adds tokens of the prompt.</summary>
    /// <param name="ids">Tokens of the vocabulary.</param>
    public void AddPrompt(ReadOnlySpan<int> ids)
    {
        foreach (int id in ids)
        {
            See(id);
        }
    }

    /// <summary>Adds a token that was said.</summary>
    /// <param name="id">A token of the vocabulary.</param>
    public void AddSaid(int id)
    {
        See(id);
        _said[id]++;
    }

    private void See(int id)
    {
        if (!_isThere[id])
        {
            _isThere[id] = true;
            _distinct.Add(id);
        }
    }
}
