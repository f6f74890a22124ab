using System.Buffers;

namespace Habla.Tokenization;

/// <summary>Finds the names of added tokens in a text: the leftmost first, of those that begin there the longest.</summary>
internal sealed class AddedTokenSplitter
{
    private readonly AddedToken[] _longestFirst;
    private readonly SearchValues<string> _names;

    public AddedTokenSplitter(IEnumerable<AddedToken> tokens)
    {
        _longestFirst = [.. tokens.OrderByDescending(token => token.Content.Length)];
        _names = SearchValues.Create([.. _longestFirst.Select(token => token.Content)], StringComparison.Ordinal);
    }

    /// <summary>Calls for each stretch of text and each token, in order.</summary>
    public void Split(ReadOnlySpan<char> text, TextAction onText, Action<AddedToken> onToken)
    {
        while (_longestFirst.Length > 0 && text.IndexOfAny(_names) is >= 0 and int at)
        {
            onText(text[..at]);
            text = text[at..];
            AddedToken token = First(text);
            onToken(token);
            text = text[token.Content.Length..];
        }

        onText(text);
    }

    private AddedToken First(ReadOnlySpan<char> text)
    {
        foreach (AddedToken token in _longestFirst)
        {
            if (text.StartsWith(token.Content, StringComparison.Ordinal))
            {
                return token;
            }
        }

        throw new InvalidOperationException("what the search found begins with none of the names it looked for");
    }

    public delegate void TextAction(ReadOnlySpan<char> text);
}
