namespace Habla.Tensors.Kernels;

/// <summary>
/// Which attention weights are dropped. A row of 64-number groups of the random stream belongs to each (sample, head, query); the
/// forward pass writes down a bit for each number, and the backward pass reads it.
/// </summary>
internal readonly unsafe struct AttentionDropout(SeededRandom random, ulong firstBlock, float probability, ulong* kept)
{
    public bool IsActive => probability > 0;

    /// <summary>1/(1 − p): what is kept is multiplied by it.</summary>
    public float Scale => 1f / (1f - probability);

    public static long BlocksPerSample(in AttentionShape shape) =>
        (long)shape.Heads * shape.Positions * DropoutKernel.BlocksFor(shape.Positions);

    /// <summary>How many 64-bit words the bits of all weights take.</summary>
    public static long WordCount(in AttentionShape shape) =>
        (long)shape.Batch * shape.Heads * shape.Positions * WordsPerRow(shape);

    /// <summary>The bits of one query's row, of which it needs those of the keys it sees.</summary>
    public ulong* Row(in AttentionShape shape, int batchHead, int query) =>
        kept + ((((long)batchHead * shape.Positions) + query) * WordsPerRow(shape));

    /// <summary>Draws the bits of one query's row.</summary>
    public void Draw(in AttentionShape shape, int batchHead, int query)
    {
        ulong rowNumber = ((ulong)batchHead * (ulong)shape.Positions) + (ulong)query;
        ulong block = firstBlock + (rowNumber * (ulong)DropoutKernel.BlocksFor(shape.Positions));
        DropoutKernel.Draw(Row(shape, batchHead, query), query + 1, random, block, probability);
    }

    private static int WordsPerRow(in AttentionShape shape) => (shape.Positions + 63) / 64;
}
