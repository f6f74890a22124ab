namespace Habla.Tensors.Tests.Reference;

/// <summary>Numbers to test with, and what "close" means.</summary>
public static class Numbers
{
    /// <summary>Normal numbers that float32 holds exactly, so that both sides of a comparison start from the same ones.</summary>
    public static double[] Normal(int seed, int count, double deviation = 1, double mean = 0)
    {
        var random = new SeededRandom((ulong)seed, RandomPurpose.Initialization, 99);
        return [.. Enumerable.Range(0, count).Select(i => (double)(float)(mean + (deviation * random.Normal((ulong)i))))];
    }

    /// <summary>Narrows to the engine's float32.</summary>
    public static float[] Singles(double[] values) => [.. values.Select(value => (float)value)];

    /// <summary>Widens what the engine found.</summary>
    public static double[] Widened(ReadOnlySpan<float> values)
    {
        double[] wide = new double[values.Length];
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = values[i];
        }

        return wide;
    }

    /// <summary>Each |actual − expected| is at most absolute + relative · |expected|; the message names the worst place.</summary>
    public static void AssertClose(double[] expected, double[] actual, double relative, double absolute, string what = "")
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double allowed = absolute + (relative * Math.Abs(expected[i]));
            bool close = Math.Abs(actual[i] - expected[i]) <= allowed || actual[i].Equals(expected[i]);
            Assert.True(close, FormattableString.Invariant($"{what}[{i}]: expected {expected[i]:R} ± {allowed:E1}, found {actual[i]:R}"));
        }
    }
}
