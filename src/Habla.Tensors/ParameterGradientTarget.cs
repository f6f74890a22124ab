namespace Habla.Tensors;

/// <summary>
/// Where an operation's backward pass puts a parameter's gradient. Usually that is one place, and the operation sums over the
/// pass's micro-batches in the fixed tree. A parameter that is used twice in a pass (a tied embedding) has a place for each
/// micro-batch instead, because each has to be complete before it enters the tree.
/// </summary>
/// <param name="first">The first place.</param>
/// <param name="others">The other places, one after another.</param>
/// <param name="count">Numbers in each.</param>
/// <param name="places">How many places there are.</param>
/// <param name="microBatchesPerPlace">How many micro-batches of the pass each is summed over.</param>
/// <param name="accumulate">Whether the places hold something to add to.</param>
internal readonly unsafe struct ParameterGradientTarget(
    float* first, float* others, long count, int places, int microBatchesPerPlace, bool accumulate)
{
    public int Places { get; } = places;

    public int MicroBatchesPerPlace { get; } = microBatchesPerPlace;

    public bool Accumulate { get; } = accumulate;

    public float* this[int place] => place == 0 ? first : others + ((place - 1) * count);
}
