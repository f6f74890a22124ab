namespace Habla.Training.Health;

/// <summary>The newest values of a series, without allocation after the start.</summary>
internal sealed class RecentValues(int size)
{
    private readonly double[] _values = new double[size], _sorted = new double[size];
    private int _next;

    /// <summary>How many there are; at most the size.</summary>
    public int Count { get; private set; }

    public bool IsFull => Count == size;

    /// <summary>Added up from the oldest on.</summary>
    public double Mean
    {
        get
        {
            double sum = 0;
            for (int ago = Count - 1; ago >= 0; ago--)
            {
                sum += Ago(ago);
            }

            return sum / Count;
        }
    }

    /// <summary>The values from the oldest on; set them to go on where a run was interrupted.</summary>
    public IReadOnlyList<double> All
    {
        get => [.. Enumerable.Range(0, Count).Select(i => Ago(Count - 1 - i))];
        set
        {
            (_next, Count) = (0, 0);
            foreach (double one in value)
            {
                Add(one);
            }
        }
    }

    /// <summary>The middle one by size, which single large values do not move.</summary>
    public double Median
    {
        get
        {
            Span<double> sorted = _sorted.AsSpan(0, Count);
            _values.AsSpan(0, Count).CopyTo(sorted);
            sorted.Sort();
            return (sorted[(Count - 1) / 2] + sorted[Count / 2]) / 2;
        }
    }

    /// <summary>The value added so many additions ago, 0 for the newest.</summary>
    public double Ago(int steps) => _values[(_next - 1 - steps + (2 * size)) % size];

    public void Add(double value)
    {
        _values[_next] = value;
        _next = (_next + 1) % size;
        Count = Math.Min(size, Count + 1);
    }
}
