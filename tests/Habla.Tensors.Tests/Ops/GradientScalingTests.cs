using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Ops;

public class GradientScalingTests
{
    [Fact]
    public void Every_gradient_is_multiplied_on_any_threads_and_what_is_not_finite_stays_so()
    {
        foreach (int count in (int[])[.. Fuzz.Sizes.Skip(1), 4_095, 4_096, 4_097, 70_003])
        {
            using var set = new ParameterSet();
            set.Add("x", new Shape(count), ParameterKind.Weight);
            Parameter parameter = set["x"];
            float[] values = new Fuzz((ulong)count).WithSpecials(count);
            foreach (WorkerPool pool in Fuzz.Pools)
            {
                using ParameterBuffer gradients = set.CreateBuffer();
                values.CopyTo(gradients.Data(parameter));
                GradientScaling.Apply(gradients, 1f / 65_536, pool);
                Bits.AssertSame(
                    [.. values.Select(value => value / 65_536)], gradients.Data(parameter), $"{count}, {pool.ThreadCount} threads");
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-2)]
    public void A_factor_that_no_scale_has_is_refused(float factor)
    {
        using var set = new ParameterSet();
        set.Add("x", new Shape(1), ParameterKind.Weight);
        using ParameterBuffer gradients = set.CreateBuffer();
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientScaling.Apply(gradients, factor, WorkerPool.Serial));
    }
}
