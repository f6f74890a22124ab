namespace Habla.Baselines;

/// <summary>
/// The product of many probabilities, as a float64 and a power of two. Unlike a sum of logarithms it is the same on every
/// machine, because multiplication is exactly specified and a logarithm is not; comparing two products needs none either.
/// </summary>
internal struct ProbabilityProduct : IComparable<ProbabilityProduct>
{
    private const int Step = 512;
    private static readonly double Small = Math.ScaleB(1, -Step);
    private static readonly double Large = Math.ScaleB(1, Step);

    private double _mantissa = 1;
    private long _exponent;

    public ProbabilityProduct()
    {
    }

    public long Factors { get; private set; }

    /// <summary>Perplexity per factor, rounded to where the one logarithm and exponential in it cannot differ between machines.</summary>
    public readonly double Perplexity => Math.Round(Math.Exp(-MeanLog), 9);

    private readonly double MeanLog => (Math.Log(_mantissa) + (_exponent * Math.Log(2))) / Factors;

    public void Multiply(double probability)
    {
        _mantissa *= probability;
        Factors++;
        if (_mantissa < Small)
        {
            _mantissa *= Large;
            _exponent -= Step;
        }
    }

    public readonly int CompareTo(ProbabilityProduct other)
    {
        var (exponent, mantissa) = Normalized();
        var (otherExponent, otherMantissa) = other.Normalized();
        return (exponent, mantissa).CompareTo((otherExponent, otherMantissa));
    }

    private readonly (long Exponent, double Mantissa) Normalized()
    {
        int power = Math.ILogB(_mantissa);
        return (_exponent + power, Math.ScaleB(_mantissa, -power));
    }
}
