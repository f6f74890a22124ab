using Habla.BytePairs;

namespace Habla.Tests.BytePairs;

/// <summary>Byte-level BPE as it is defined, without any thought for time.</summary>
internal static class ReferenceByteBpe
{
    /// <summary>Of all places where a rule applies, the one with the earliest rule, and of these the leftmost; repeat.</summary>
    public static int[] Encode(ByteVocabulary vocabulary, SplitPattern pattern, ReadOnlySpan<byte> text)
    {
        var rules = vocabulary.Merges.Select((merge, rank) => (merge, rank))
            .ToDictionary(rule => (rule.merge.Left, rule.merge.Right), rule => (rule.rank, rule.merge.Joined));
        var result = new List<int>();
        while (!text.IsEmpty)
        {
            int length = pattern.NextPiece(text);
            List<int> ids = [.. text[..length].ToArray().Select(vocabulary.ByteId)];
            while (Enumerable.Range(0, ids.Count - 1).Any(i => rules.ContainsKey((ids[i], ids[i + 1]))))
            {
                int at = Enumerable.Range(0, ids.Count - 1).Where(i => rules.ContainsKey((ids[i], ids[i + 1])))
                    .MinBy(i => rules[(ids[i], ids[i + 1])].rank);
                ids[at] = rules[(ids[at], ids[at + 1])].Joined;
                ids.RemoveAt(at + 1);
            }

            result.AddRange(ids);
            text = text[length..];
        }

        return [.. result];
    }

    /// <summary>Counts every pair of every piece anew for each rule. Rules as the bytes of both sides, in hexadecimal digits.</summary>
    public static List<(string Left, string Right)> Train(SplitPattern pattern, IEnumerable<byte[]> documents, int rules)
    {
        List<List<string>> pieces = [.. documents.SelectMany(document => Split(pattern, document))];
        HashSet<string> tokens = [.. Enumerable.Range(0, 256).Select(value => value.ToString("X2"))];
        var found = new List<(string Left, string Right)>();
        while (found.Count < rules)
        {
            var best = pieces.SelectMany(piece => piece.Zip(piece.Skip(1)))
                .GroupBy(pair => pair)
                .Where(pairs => !tokens.Contains(pairs.Key.First + pairs.Key.Second))
                .OrderByDescending(pairs => pairs.Count())
                .ThenBy(pairs => pairs.Key.First, StringComparer.Ordinal).ThenBy(pairs => pairs.Key.Second, StringComparer.Ordinal)
                .FirstOrDefault();
            if (best is null)
            {
                break;
            }

            found.Add(best.Key);
            tokens.Add(best.Key.First + best.Key.Second);
            foreach (List<string> piece in pieces)
            {
                for (int i = 0; i + 1 < piece.Count; i++)
                {
                    if ((piece[i], piece[i + 1]) == best.Key)
                    {
                        piece[i] += piece[i + 1];
                        piece.RemoveAt(i + 1);
                    }
                }
            }
        }

        return found;
    }

    private static List<List<string>> Split(SplitPattern pattern, byte[] document)
    {
        var pieces = new List<List<string>>();
        for (int at = 0; at < document.Length;)
        {
            int length = pattern.NextPiece(document.AsSpan(at));
            pieces.Add([.. document.AsSpan(at, length).ToArray().Select(value => value.ToString("X2"))]);
            at += length;
        }

        return pieces;
    }
}
