using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Reference;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Kernels;

public class GradientNormBitsTests
{
    [Fact]
    public void Every_size()
    {
        var fuzz = new Fuzz(1);
        for (int size = 1; size <= Fuzz.Largest; size++)
        {
            Check(fuzz, size, fuzz.Pool());
        }
    }

    /// <summary>A chunk is 16,384 numbers.</summary>
    [Fact]
    public void All_threads_agree_over_several_chunks()
    {
        foreach (WorkerPool pool in Fuzz.Pools)
        {
            foreach (int size in (int[])[16_383, 16_384, 16_385, 100_003])
            {
                Check(new Fuzz(2), size, pool);
            }
        }
    }

    private static void Check(Fuzz fuzz, int size, WorkerPool pool)
    {
        using var set = new ParameterSet();
        set.Add("a", new Shape(size), ParameterKind.Bias);
        using ParameterBuffer gradients = set.CreateBuffer();
        float[] values = fuzz.Values(size);
        values.CopyTo(gradients.Data(set["a"]));
        Assert.Equal(
            BitConverter.DoubleToInt64Bits(Twin.GradientNorm(values)), BitConverter.DoubleToInt64Bits(GradientNorm.Of(gradients, pool)));
    }
}
