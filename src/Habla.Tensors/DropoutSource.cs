namespace Habla.Tensors;

/// <summary>
/// The random numbers of dropout in one pass. A mask is a function of (seed, step, place in the network, sample of the step,
/// position), so it is the same however the step's samples are dealt out to micro-batches and threads.
/// </summary>
/// <param name="seed">The training seed.</param>
/// <param name="step">The training step, from 0.</param>
/// <param name="firstSample">Which sample of the step the pass's first row is, from 0.</param>
public sealed class DropoutSource(ulong seed, uint step, int firstSample)
{
    private const int SiteShift = 40;

    private uint _sites;

    /// <summary>The stream of the step.</summary>
    internal SeededRandom Random { get; } = new(seed, RandomPurpose.Dropout, step);

    /// <summary>The first group of random words for the next place in the network that drops out.</summary>
    /// <param name="groupsPerSample">How many groups one sample needs there.</param>
    internal ulong NextSite(long groupsPerSample) =>
        ((ulong)_sites++ << SiteShift) + ((ulong)firstSample * (ulong)groupsPerSample);
}
