using Habla.Tokenization;

namespace Habla.Tests.Tokenization;

/// <summary>
/// Byte-pair encoding as it is defined, quadratic: look over all places, do the earliest merge at its leftmost place, repeat.
/// </summary>
internal static class ReferenceBpe
{
    public static int[] Encode(CharacterTokenizer tokenizer, string text)
    {
        List<string> pieces =
            [.. text.EnumerateRunes().Select(rune => rune.ToString()).Select(piece => Contains(tokenizer, piece) ? piece : "<unk>")];
        while (true)
        {
            (int rank, int place) = (int.MaxValue, -1);
            for (int i = 0; i + 1 < pieces.Count; i++)
            {
                int found = tokenizer.Merges.ToList().IndexOf(new MergeRule(pieces[i], pieces[i + 1]));
                if (found >= 0 && found < rank)
                {
                    (rank, place) = (found, i);
                }
            }

            if (place < 0)
            {
                return [.. pieces.Select(piece => tokenizer.Pieces.ToList().IndexOf(piece))];
            }

            pieces[place] += pieces[place + 1];
            pieces.RemoveAt(place + 1);
        }
    }

    private static bool Contains(CharacterTokenizer tokenizer, string piece) => tokenizer.Pieces.Contains(piece);
}
