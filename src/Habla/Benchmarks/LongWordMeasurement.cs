namespace Habla.Benchmarks;

/// <summary>How the time to encode one word without any space grows with its length.</summary>
/// <param name="Word">What it is made of.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Seconds">The time, the best of three.</param>
/// <param name="DoubleSeconds">The same for a word twice as long; twice as many seconds is linear.</param>
public sealed record LongWordMeasurement(string Word, int Bytes, double Seconds, double DoubleSeconds)
{
    /// <summary>Megabytes a second, for the shorter word.</summary>
    public double MbPerS => Bytes / 1e6 / Seconds;

    /// <summary>How many times longer the word of twice the length takes.</summary>
    public double Growth => DoubleSeconds / Seconds;
}
