namespace Habla.Baselines;

/// <summary>
/// Cuts train into ten slices, each of which can be held out while the other nine are counted. Small data is cross-validated
/// over all ten, so that its parameters rest on every sequence; for large data the last slice is plenty.
/// </summary>
internal sealed class TuningSlices
{
    private const int SliceCount = 10;
    private const long LargeData = 300_000;

    private readonly List<ReadOnlyMemory<int>>[] _slices;

    public TuningSlices(IReadOnlyList<int[]> train)
    {
        // A stream is one long sequence; it is cut into slices by position.
        var pieces = train.Count >= SliceCount
            ? train.Select(sequence => (ReadOnlyMemory<int>)sequence).ToList()
            : train.SelectMany(Cut).ToList();

        // Slices are runs of neighbours: what stands together is alike (the forms of one verb, one scene of a play), and a
        // held-out sequence whose twin was counted would make memory look better than it is on new text.
        _slices = [.. Enumerable.Range(0, SliceCount).Select(_ => new List<ReadOnlyMemory<int>>())];
        for (int i = 0; i < pieces.Count; i++)
            _slices[(int)((long)i * SliceCount / pieces.Count)].Add(pieces[i]);
        HeldOut = train.Sum(sequence => (long)sequence.Length) > LargeData
            ? [SliceCount - 1]
            : [.. Enumerable.Range(0, SliceCount).Where(slice => _slices[slice].Count > 0)];
    }

    /// <summary>The slices to be held out, one after the other.</summary>
    public IReadOnlyList<int> HeldOut { get; }

    public string Description => HeldOut.Count == 1
        ? "the last tenth of train was held out, the parameters with the lowest perplexity on it were chosen, "
            + "and the model was counted again on all of train"
        : "each tenth of train in turn was held out, the parameters with the lowest perplexity over all of them were chosen, "
            + "and the model was counted again on all of train";

    public IReadOnlyList<ReadOnlyMemory<int>> Slice(int index) => _slices[index];

    public IEnumerable<ReadOnlyMemory<int>> AllBut(int index) =>
        _slices.Where((_, other) => other != index).SelectMany(slice => slice);

    private static IEnumerable<ReadOnlyMemory<int>> Cut(int[] sequence)
    {
        for (int slice = 0; slice < SliceCount; slice++)
        {
            int begin = (int)((long)sequence.Length * slice / SliceCount);
            int end = (int)((long)sequence.Length * (slice + 1) / SliceCount);
            if (end - begin > 1)
                yield return sequence.AsMemory(begin, end - begin);
        }
    }
}
