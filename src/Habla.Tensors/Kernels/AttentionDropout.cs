namespace Habla.Tensors.Kernels;

/// <summary>
/// Which attention weights are dropped. A row of the random stream belongs to each (sample, head, query); the forward pass writes
/// down a bit for each number, and the backward pass reads it.
/// </summary>
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

    /// <summary>The bits of one query's row.</summary>
    public ulong* Row(in AttentionShape shape, int batchHead, int query) =>
        kept + ((((long)batchHead * RowsPerHead(shape)) + query) * WordsPerRow(shape));

    /// <summary>Draws the bits that one query needs: those of the keys it sees. Short rows share a group with the next query.</summary>
    public void Draw(in AttentionShape shape, int batchHead, int query)
    {
        int words = WordsPerRow(shape);
        if (words == 1 && query % 2 == 1)
        {
            return; // drawn together with the query before
        }

        ulong firstWord = (((ulong)batchHead * (ulong)RowsPerHead(shape)) + (ulong)query) * (ulong)words;
        long groups = words == 1 ? 1 : DropoutKernel.GroupsFor(query + 1);
        DropoutKernel.Draw(kept + firstWord, groups, random, firstGroup + (firstWord / DropoutKernel.WordsPerGroup), probability);
    }

    /// <summary>One word for up to 64 keys, else whole groups.</summary>
    private static int WordsPerRow(in AttentionShape shape) => shape.Positions <= NumbersPerWord
        ? 1
        : (int)DropoutKernel.GroupsFor(shape.Positions) * DropoutKernel.WordsPerGroup;

    /// <summary>T, or one more, so that a head begins with a group of its own.</summary>
    private static int RowsPerHead(in AttentionShape shape) => (shape.Positions + 1) / 2 * 2;
}
