namespace Habla.Tensors.Kernels;

/// <summary>
/// Which attention weights are dropped. A row of the random stream belongs to each (sample, head, query); the forward pass writes
/// down a bit for each number, and the backward pass reads it.
/// </summary>
/// <remarks>
/// Only blocks of keys that a query sees are drawn. <see cref="DropoutKernel"/> tells what drawing costs, and why bits are kept.
/// </remarks>
internal readonly unsafe struct AttentionDropout(SeededRandom random, ulong firstGroup, float probability, ulong* kept)
{
    private const int NumbersPerWord = 64;

    public bool IsActive => probability > 0;

    /// <summary>1/(1 − p): what is kept is multiplied by it.</summary>
    public float Scale => DropoutKernel.Scale(probability);

    /// <summary>How many groups of the stream one sample uses.</summary>
    public static long GroupsPerSample(in AttentionShape shape) =>
        DropoutKernel.GroupsFor((long)shape.Heads * RowsPerHead(shape) * WordsPerRow(shape) * NumbersPerWord);

    /// <summary>How many 64-bit words the bits of all weights take.</summary>
    public static long WordCount(in AttentionShape shape) =>
        (long)shape.Batch * shape.Heads * RowsPerHead(shape) * WordsPerRow(shape);

    /// <summary>The bits of a head's first query; null without dropout.</summary>
    public ulong* Rows(in AttentionShape shape, int batchHead) =>
        IsActive ? kept + ((long)batchHead * RowsPerHead(shape) * WordsPerRow(shape)) : null;

    /// <summary>From one query's bits to the next one's.</summary>
    public static int WordsPerRow(in AttentionShape shape) => shape.Positions <= NumbersPerWord
        ? 1
        : (int)DropoutKernel.GroupsFor(shape.Positions) * DropoutKernel.WordsPerGroup;

    /// <summary>Draws the bits that a block of queries needs: those of the keys they see. Short rows share a group, two and two.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="batchHead">The (sample, head).</param>
    /// <param name="first">The first query; even.</param>
    /// <param name="queries">How many.</param>
    public void Draw(in AttentionShape shape, int batchHead, int first, int queries)
    {
        int words = WordsPerRow(shape);
        if (words == 1)
        {
            Draw(((long)batchHead * RowsPerHead(shape)) + first, (queries + 1) / 2);
            return;
        }

        for (int query = first; query < first + queries; query++)
        {
            Draw((((long)batchHead * RowsPerHead(shape)) + query) * words, DropoutKernel.GroupsFor(query + 1));
        }
    }

    private void Draw(long firstWord, long groups) => DropoutKernel.Draw(
        kept + firstWord, groups, random, firstGroup + ((ulong)firstWord / DropoutKernel.WordsPerGroup), probability);

    /// <summary>T, or one more, so that a head begins with a group of its own.</summary>
    private static int RowsPerHead(in AttentionShape shape) => (shape.Positions + 1) / 2 * 2;
}
