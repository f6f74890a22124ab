using System.Text;

namespace Habla.Generation;

/// <summary>Looks for a string in bytes that come one after another.</summary>
/// <remarks>
/// Knuth, Morris and Pratt, "Fast pattern matching in strings", 1977: what it knows is how many bytes of the string the text ends with.
/// UTF-8 allows it to look for bytes: those of a character are never found in the middle of another.
/// </remarks>
internal sealed class StopText
{
    private readonly byte[] _bytes;
    private readonly int[] _fallback; // of each beginning, the longest shorter one that it ends with

    /// <param name="text">At least one character.</param>
    public StopText(string text)
    {
        _bytes = Encoding.UTF8.GetBytes(text);
        _fallback = new int[_bytes.Length + 1];
        for (int i = 1; i < _bytes.Length; i++)
        {
            _fallback[i + 1] = Longer(_fallback[i], _bytes[i]);
        }
    }

    /// <summary>The string's length in bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>How many bytes of the string the text ends with: all of them when it has come true.</summary>
    public int Matched { get; private set; }

    /// <summary>Whether the text ends with the string.</summary>
    public bool IsThere => Matched == Length;

    /// <summary>Sees the next byte of the text.</summary>
    public void See(byte next) => Matched = Longer(Matched, next);

    private int Longer(int matched, byte next)
    {
        while (matched > 0 && (matched == _bytes.Length || _bytes[matched] != next))
        {
            matched = _fallback[matched];
        }

        return _bytes[matched] == next ? matched + 1 : matched;
    }
}
