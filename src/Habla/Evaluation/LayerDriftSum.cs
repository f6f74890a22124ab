namespace Habla.Evaluation;

/// <summary>Adds a layer's drift up, sequence by sequence.</summary>
/// <param name="name">The layer's name.</param>
internal sealed class LayerDriftSum(string name)
{
    private double _maxAbsolute, _sumAbsolute, _maxRelative, _sumRelative, _sumCosine;
    private double _minCosine = 1;
    private long _numbers, _rows, _nonFinite;

    /// <summary>Adds rows.</summary>
    /// <param name="exact">In float32, <c>[T, width]</c>.</param>
    /// <param name="rounded">In 16 bits, <c>[T, width]</c>.</param>
    /// <param name="width">Numbers in a row.</param>
    public void Add(ReadOnlySpan<float> exact, ReadOnlySpan<float> rounded, int width)
    {
        for (int start = 0; start < exact.Length; start += width)
        {
            AddRow(exact.Slice(start, width), rounded.Slice(start, width));
        }
    }

    public LayerDrift Result() => new(
        name, _maxAbsolute, _sumAbsolute / Math.Max(1, _numbers), _maxRelative, _sumRelative / Math.Max(1, _rows), _minCosine,
        _sumCosine / Math.Max(1, _rows), _nonFinite);

    private void AddRow(ReadOnlySpan<float> exact, ReadOnlySpan<float> rounded)
    {
        double differences = 0, squares = 0, roundedSquares = 0, products = 0, sum = 0, max = 0;
        int lost = 0;
        for (int i = 0; i < exact.Length; i++)
        {
            double a = exact[i], b = rounded[i], difference = Math.Abs(a - b);
            lost += double.IsFinite(a) && !double.IsFinite(b) ? 1 : 0;
            differences += difference * difference;
            squares += a * a;
            roundedSquares += b * b;
            products += a * b;
            sum += difference;
            max = Math.Max(max, difference);
        }

        _nonFinite += lost;
        if (lost > 0)
        {
            return;
        }

        // A row of zeros has no direction and loses nothing.
        double relative = squares > 0 ? Math.Sqrt(differences / squares) : 0;
        double cosine = squares > 0 && roundedSquares > 0 ? products / Math.Sqrt(squares * roundedSquares) : 1;
        _numbers += exact.Length;
        _rows++;
        _sumAbsolute += sum;
        _maxAbsolute = Math.Max(_maxAbsolute, max);
        _sumRelative += relative;
        _maxRelative = Math.Max(_maxRelative, relative);
        _sumCosine += cosine;
        _minCosine = Math.Min(_minCosine, cosine);
    }
}
