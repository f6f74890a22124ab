namespace Habla.Data;

/// <summary>Which sequence stands at each place of an epoch: a function of the place, the epoch and the data seed.</summary>
internal abstract class SequenceOrder
{
    /// <summary>Tells the sequences at places that follow each other.</summary>
    /// <param name="epoch">The pass over the data, from 0.</param>
    /// <param name="start">The first place, from 0.</param>
    /// <param name="sequences">Gets the sequences' numbers.</param>
    public abstract void Copy(int epoch, long start, Span<long> sequences);
}
