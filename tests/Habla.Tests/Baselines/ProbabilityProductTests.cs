using Habla.Baselines;
using Habla.Tensors;

namespace Habla.Tests.Baselines;

public class ProbabilityProductTests
{
    [Fact]
    public void It_is_the_sum_of_logarithms_without_logarithms()
    {
        var random = new SeededRandom(5, RandomPurpose.Corpus);
        var product = new ProbabilityProduct();
        double logarithms = 0;
        for (ulong i = 0; i < 10_000; i++)
        {
            double probability = Math.Pow(random.Uniform(i) + 1e-3, 6);
            product.Multiply(probability);
            logarithms += Math.Log(probability);
        }

        Assert.Equal(10_000, product.Factors);
        Assert.Equal(Math.Exp(-logarithms / 10_000), product.Perplexity, 6);
    }

    [Fact]
    public void Products_far_too_small_for_a_float64_can_be_compared()
    {
        Assert.True(Power(0.5, 5000).CompareTo(Power(0.49, 5000)) > 0);
        Assert.True(Power(0.25, 5000).CompareTo(Power(0.5, 9999)) < 0);
        Assert.Equal(0, Power(0.25, 5000).CompareTo(Power(0.5, 10_000)));
    }

    private static ProbabilityProduct Power(double probability, int times)
    {
        var product = new ProbabilityProduct();
        for (int i = 0; i < times; i++)
            product.Multiply(probability);
        return product;
    }
}
