namespace Habla.BytePairs;

/// <summary>
/// How a text is cut into pieces before pairs are joined; no token crosses a piece. Each pattern is a regular expression that other
/// programs know, and a scanner over UTF-8 bytes that finds the same pieces in time proportional to the text.
/// </summary>
/// <remarks>
/// Every byte string is cut without a rest. A byte that is no valid UTF-8 is a character of its own that is neither letter, number nor
/// white space. Letters and numbers are those of the Unicode version that .NET knows; characters younger than another program's
/// tables may be cut differently there.
/// </remarks>
public sealed class SplitPattern
{
    private readonly bool _isGpt4;

    private SplitPattern(string name, string regex, bool isGpt4) => (Name, Regex, _isGpt4) = (name, regex, isGpt4);

    /// <summary>GPT-2's: contractions in lower case, a space before a word, runs of digits of any length.</summary>
    public static SplitPattern Gpt2 { get; } = new(
        "gpt2", @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", isGpt4: false);

    /// <summary>
    /// GPT-4's (cl100k): contractions in any case, any one mark before a word, up to three digits, line ends apart from spaces.
    /// </summary>
    public static SplitPattern Gpt4 { get; } = new(
        "gpt4",
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        isGpt4: true);

    /// <summary>All patterns.</summary>
    public static IReadOnlyList<SplitPattern> All { get; } = [Gpt2, Gpt4];

    /// <summary>What options call it: <c>gpt2</c> or <c>gpt4</c>.</summary>
    public string Name { get; }

    /// <summary>
    /// The regular expression with the syntax and meaning it has in Rust's regex crates and in Oniguruma, over code points; ignoring case
    /// there, an s is also U+017F, the long s.
    /// </summary>
    public string Regex { get; }

    /// <summary>The pattern of a name.</summary>
    /// <param name="name"><c>gpt2</c> or <c>gpt4</c>.</param>
    /// <returns>The pattern; null when there is none of that name.</returns>
    public static SplitPattern? Named(string name) => All.FirstOrDefault(pattern => pattern.Name == name);

    /// <summary>The pattern with a regular expression, compared letter by letter.</summary>
    /// <param name="regex">The expression, as a tokenizer file has it.</param>
    /// <returns>The pattern; null when it is none of those known here.</returns>
    public static SplitPattern? WithRegex(string regex) => All.FirstOrDefault(pattern => pattern.Regex == regex);

    /// <summary>Finds the first piece of a text.</summary>
    /// <param name="text">UTF-8, or any bytes; not empty.</param>
    /// <returns>Its length in bytes, at least 1. Of the bytes behind it, only white space and one character more are looked at.</returns>
    /// <exception cref="ArgumentException">The text is empty.</exception>
    public int NextPiece(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            throw new ArgumentException("an empty text has no piece", nameof(text));
        }

        return _isGpt4 ? Gpt4Scanner.NextPiece(text) : Gpt2Scanner.NextPiece(text);
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
