namespace Habla.Data;

/// <summary>The order without a table: each place is computed when it is asked for, however many sequences there are.</summary>
internal sealed class ComputedOrder(long count, ulong dataSeed, bool shuffle) : SequenceOrder
{
    public override void Copy(int epoch, long start, Span<long> sequences)
    {
        var permutation = new RandomPermutation(count, dataSeed, (uint)epoch);
        for (int i = 0; i < sequences.Length; i++)
        {
            sequences[i] = shuffle ? permutation[start + i] : start + i;
        }
    }
}
