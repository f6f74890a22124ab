namespace Habla.Ingestion;

/// <summary>
/// Finds which of many texts a text is almost the same as, without holding it against each: signatures are cut into bands, and only
/// those are compared of which a whole band agrees.
/// </summary>
/// <remarks>
/// About 1 KB is kept for each text. Of texts exactly as similar as the threshold one in 200 is missed at most; more similar ones
/// hardly ever. Not for several threads at once.
/// </remarks>
public sealed class NearDuplicateIndex
{
    private const double MostMissed = 0.005;

    private readonly double _threshold;
    private readonly int _rows, _mostInABand;
    private readonly List<MinHashSignature> _entries = [];
    private readonly List<int> _comparedWith = []; // by which query an entry was looked at last
    private readonly List<int[]> _before = []; // by entry and band: the entry before it with the same band, or -1
    private readonly Dictionary<(int Band, ulong Hash), int> _newest = [];
    private int _queries;

    /// <summary>Makes an empty index.</summary>
    /// <param name="threshold">From which similarity on texts are almost the same; above 0, 1 at most.</param>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is out of range.</exception>
    public NearDuplicateIndex(double threshold)
        : this(threshold, 0)
    {
    }

    /// <summary>Makes an empty index with bands of another length.</summary>
    /// <param name="threshold">From which similarity on texts are almost the same; above 0, 1 at most.</param>
    /// <param name="rows">Numbers in a band. 0: the most with which one in 200 is missed.</param>
    /// <param name="mostInABand">
    /// With how many texts of one band a text is compared at most: those added last. It bounds the time where very many texts have a
    /// band in common. Default all.
    /// </param>
    internal NearDuplicateIndex(double threshold, int rows, int mostInABand = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threshold);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threshold, 1);
        (_threshold, _mostInABand) = (threshold, mostInABand);

        // Longer bands agree less often by chance: the longest with which hardly any text of the threshold is missed.
        _rows = rows > 0 ? rows : Enumerable.Range(1, 16).Last(length => length == 1 || Missed(threshold, length) <= MostMissed);
        Bands = MinHashSignature.Size / _rows;
    }

    /// <summary>How many texts were added.</summary>
    public int Count => _entries.Count;

    /// <summary>Into how many bands a signature is cut.</summary>
    internal int Bands { get; }

    /// <summary>The most similar text at or above the threshold; of several the one that was added first.</summary>
    /// <param name="signature">The text's signature.</param>
    /// <returns>Which one it is, counted from 0 in the order of adding, and how similar; null when there is none.</returns>
    public (int Entry, double Similarity)? Find(MinHashSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        (int Entry, double Similarity)? best = null;
        foreach ((int entry, double similarity) in FindAll(signature))
        {
            if (best is not { } there || similarity > there.Similarity || (similarity == there.Similarity && entry < there.Entry))
            {
                best = (entry, similarity);
            }
        }

        return best;
    }

    /// <summary>All texts at or above the threshold, each once, as they are come upon. One such search at a time.</summary>
    /// <param name="signature">The text's signature.</param>
    internal IEnumerable<(int Entry, double Similarity)> FindAll(MinHashSignature signature)
    {
        _queries++;
        for (int band = 0; band < Bands; band++)
        {
            int entry = _newest.GetValueOrDefault((band, Hash(signature, band)), -1);
            for (int looked = 0; entry >= 0 && looked < _mostInABand; entry = _before[entry][band], looked++)
            {
                if (_comparedWith[entry] == _queries)
                {
                    continue;
                }

                _comparedWith[entry] = _queries;
                double similarity = signature.Similarity(_entries[entry]);
                if (similarity >= _threshold)
                {
                    yield return (entry, similarity);
                }
            }
        }
    }

    /// <summary>Adds a text.</summary>
    /// <param name="signature">Its signature.</param>
    public void Add(MinHashSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        int[] before = new int[Bands];
        for (int band = 0; band < Bands; band++)
        {
            (int, ulong) key = (band, Hash(signature, band));
            before[band] = _newest.GetValueOrDefault(key, -1);
            _newest[key] = _entries.Count;
        }

        _before.Add(before);
        _comparedWith.Add(0);
        _entries.Add(signature);
    }

    private static double Missed(double similarity, int rows) =>
        Math.Pow(1 - Math.Pow(similarity, rows), MinHashSignature.Size / rows);

    private ulong Hash(MinHashSignature signature, int band)
    {
        ulong hash = 0xcbf29ce484222325;
        foreach (uint number in signature.Least.Slice(band * _rows, _rows))
        {
            hash = (hash ^ number) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 32;
        }

        return hash;
    }
}
