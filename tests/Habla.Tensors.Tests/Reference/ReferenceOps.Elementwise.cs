namespace Habla.Tensors.Tests.Reference;

public static partial class ReferenceOps
{
    /// <summary>x + y. Both gradients are dy.</summary>
    public static double[] Add(double[] x, double[] y) => [.. x.Zip(y, (a, b) => a + b)];

    /// <summary>
    /// Dropout with a given draw: what is kept grows by 1 / (1 − probability), which 16 bits give, the rest is zero. The gradient goes the
    /// same way, so the backward is this function of dy.
    /// </summary>
    public static double[] Dropout(double[] x, bool[] kept, double probability) =>
        [.. x.Zip(kept, (value, keep) => keep ? value * Twin.DropoutScale((float)probability) : 0)];

    /// <summary>exp of each score over the sum of all.</summary>
    public static double[] Softmax(double[] scores)
    {
        double greatest = scores.Max();
        double[] shares = [.. scores.Select(score => Math.Exp(score - greatest))];
        double sum = shares.Sum();
        return [.. shares.Select(share => share / sum)];
    }
}
