using System.Text;

namespace Habla.Tokenization;

/// <summary>How well a tokenizer fits a text: how many bytes a token stands for, and which tokens the text uses.</summary>
/// <param name="Bytes">UTF-8 bytes of the text.</param>
/// <param name="Characters">Unicode code points of the text.</param>
/// <param name="Tokens">Tokens it became.</param>
/// <param name="UnknownCount">Characters that became <c>&lt;unk&gt;</c>.</param>
/// <param name="VocabularySize">All tokens there are, <c>V</c>.</param>
/// <param name="UsedTokens">Distinct tokens that the text uses.</param>
/// <param name="Longest">The longest tokens that the text uses, longest first.</param>
/// <param name="Rarest">The tokens that the text uses least, rarest first.</param>
/// <param name="MostFrequent">The tokens that the text uses most, most frequent first.</param>
public sealed record TokenizerStatistics(
    long Bytes, long Characters, long Tokens, int UnknownCount, int VocabularySize, int UsedTokens,
    IReadOnlyList<TokenUse> Longest, IReadOnlyList<TokenUse> Rarest, IReadOnlyList<TokenUse> MostFrequent)
{
    private const int Listed = 10;

    /// <summary>Bytes of text a token: higher is shorter sequences.</summary>
    public double BytesPerToken => (double)Bytes / Math.Max(1, Tokens);

    /// <summary>The share of the vocabulary that the text uses, from 0 to 1.</summary>
    public double VocabularyUse => (double)UsedTokens / VocabularySize;

    /// <summary>Encodes a text and counts.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="text">Any text.</param>
    /// <exception cref="InvalidInputException">A character is unknown and the tokenizer has no <c>&lt;unk&gt;</c>.</exception>
    public static TokenizerStatistics Of(Tokenizer tokenizer, string text)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(text);
        EncodedText encoded = tokenizer.Encode(text);
        long[] counts = new long[tokenizer.VocabularySize];
        foreach (int id in encoded.Ids)
        {
            counts[id]++;
        }

        TokenUse[] used =
        [
            .. Enumerable.Range(0, counts.Length).Where(id => counts[id] > 0)
                .Select(id => new TokenUse(id, tokenizer.Piece(id), tokenizer.BytesOf(id).Length, counts[id])),
        ];
        return new TokenizerStatistics(
            Encoding.UTF8.GetByteCount(text), text.EnumerateRunes().LongCount(), encoded.Ids.Length, encoded.UnknownCount,
            counts.Length, used.Length,
            [.. used.OrderByDescending(use => use.Bytes).ThenBy(use => use.Id).Take(Listed)],
            [.. used.OrderBy(use => use.Count).ThenBy(use => use.Id).Take(Listed)],
            [.. used.OrderByDescending(use => use.Count).ThenBy(use => use.Id).Take(Listed)]);
    }
}
