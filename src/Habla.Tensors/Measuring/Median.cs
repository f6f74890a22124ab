namespace Habla.Tensors.Measuring;

/// <summary>The middle one of several measurements, which a moment that another program took does not move.</summary>
public static class Median
{
    /// <summary>Finds it; of an even number the upper of the two in the middle.</summary>
    /// <param name="values">At least one.</param>
    public static double Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
