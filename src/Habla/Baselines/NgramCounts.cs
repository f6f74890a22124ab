namespace Habla.Baselines;

/// <summary>Receives the evidence about one token of a sequence.</summary>
/// <param name="counts">Evidence from contexts of 0, 1, 2, … tokens, as far as the sequence goes back.</param>
/// <param name="continuations">The same in continuation counts.</param>
internal delegate void NgramVisitor(ReadOnlySpan<NgramEvidence> counts, ReadOnlySpan<NgramEvidence> continuations);

/// <summary>
/// How often each n-gram of up to <see cref="Order"/> tokens occurs in a set of sequences. One pass counts for every order.
/// A context ends at the beginning of its sequence: for add-α that is the same as filling up with beginning-of-sequence tokens,
/// and for Kneser–Ney the same with raw counts for n-grams that start a sequence, which have no left neighbour to count.
/// </summary>
internal sealed class NgramCounts
{
    public const int Unseen = -1;

    private readonly NgramLevel[] _levels;
    private readonly int[] _ending;
    private readonly int[] _endingBefore;

    public NgramCounts(int order, int vocabularySize, IEnumerable<ReadOnlyMemory<int>> sequences)
    {
        Order = order;
        VocabularySize = vocabularySize;
        _levels = [.. Enumerable.Range(0, order + 1).Select(_ => new NgramLevel())];
        _ending = new int[order + 1];
        _endingBefore = new int[order + 1];
        _levels[0].FindOrAdd(0, 0, out _);
        foreach (ReadOnlyMemory<int> sequence in sequences)
            Count(sequence.Span);
        for (int length = 1; length <= order; length++)
            _levels[length].SumInto(_levels[length - 1]);
    }

    public int Order { get; }

    public int VocabularySize { get; }

    public NgramLevel Level(int length) => _levels[length];

    /// <summary>Visits every token but the first with what the counts say about it.</summary>
    public void Scan(ReadOnlySpan<int> tokens, NgramVisitor visit)
    {
        Span<NgramEvidence> counts = stackalloc NgramEvidence[Order];
        Span<NgramEvidence> continuations = stackalloc NgramEvidence[Order];
        int[] ending = new int[Order + 1];
        int[] before = new int[Order + 1];
        for (int position = 0; position < tokens.Length; position++)
        {
            (ending, before) = (before, ending);
            int longest = Math.Min(Order, position + 1);
            for (int length = 1; length <= longest; length++)
            {
                int context = before[length - 1];
                ending[length] = context == Unseen ? Unseen : Find(length, context, tokens[position]);
                (counts[length - 1], continuations[length - 1]) = Evidence(length, context, ending[length]);
            }

            if (position > 0)
                visit(counts[..longest], continuations[..longest]);
        }
    }

    /// <summary>What the counts say about a token after a context; the context begins where its sequence begins.</summary>
    public int Look(ReadOnlySpan<int> context, int token, Span<NgramEvidence> counts, Span<NgramEvidence> continuations)
    {
        int longest = Math.Min(Order, context.Length + 1);
        for (int length = 1; length <= longest; length++)
        {
            int node = 0;
            ReadOnlySpan<int> tail = context[(context.Length - length + 1)..];
            for (int depth = 1; depth <= tail.Length && node != Unseen; depth++)
                node = Find(depth, node, tail[depth - 1]);
            int ending = node == Unseen ? Unseen : Find(length, node, token);
            (counts[length - 1], continuations[length - 1]) = Evidence(length, node, ending);
        }

        return longest;
    }

    private void Count(ReadOnlySpan<int> tokens)
    {
        for (int position = 0; position < tokens.Length; position++)
        {
            Array.Copy(_ending, _endingBefore, _ending.Length);
            int longest = Math.Min(Order, position + 1);
            for (int length = 1; length <= longest; length++)
            {
                int context = _endingBefore[length - 1];
                NgramLevel level = _levels[length];
                int node = level.FindOrAdd(Key(context, tokens[position]), context, out bool added);
                _ending[length] = node;
                if (position == 0)
                    continue;
                level.Counts[node]++;
                if (added && length > 1)
                    _levels[length - 1].Continuations[_ending[length - 1]]++;
                if (length == position + 1)
                    level.Continuations[node]++;
            }
        }
    }

    private int Find(int length, int context, int token) => _levels[length].Find(Key(context, token));

    private ulong Key(int context, int token) => ((ulong)context * (uint)VocabularySize) + (uint)token;

    private (NgramEvidence Count, NgramEvidence Continuation) Evidence(int length, int context, int ending)
    {
        if (context == Unseen)
            return default;
        NgramLevel contexts = _levels[length - 1], level = _levels[length];
        int count = ending == Unseen ? 0 : level.Counts[ending];
        int continuation = ending == Unseen ? 0 : level.Continuations[ending];
        return (new(count, contexts.Followers[context]), new(continuation, contexts.FollowerContinuations[context]));
    }
}
