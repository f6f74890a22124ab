using Habla.Tensors.Kernels;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Kernels;

public unsafe class SoftmaxKernelsTests
{
    [Fact]
    public void The_largest_of_a_row_and_the_sum_of_exponentials_at_every_length_and_alignment()
    {
        var fuzz = new Fuzz(1);
        foreach (int length in Fuzz.Sizes)
        {
            for (int offset = 0; offset < 16; offset++)
            {
                float[] x = fuzz.Values(length, 30);
                float max = Twin.Max(x), shift = length == 0 ? 0 : max;
                using GuardedFloats from = new(x, offset);
                Bits.AssertSame(max, SoftmaxKernels.Max(from.Pointer, length), $"the largest of {length}");
                Bits.AssertSame(Twin.SumExp(x, shift), SoftmaxKernels.SumExp(from.Pointer, length, shift), $"the sum of {length}");
                Bits.AssertSame(
                    Twin.SumOfDifferences(x, shift), SoftmaxKernels.SumOfDifferences(from.Pointer, length, shift),
                    $"the differences of {length}");
            }
        }
    }

    [Fact]
    public void A_NaN_anywhere_reaches_the_sum_and_minus_infinity_adds_nothing()
    {
        var fuzz = new Fuzz(2);
        for (int length = 1; length <= 70; length++)
        {
            for (int at = 0; at < length; at++)
            {
                float[] x = fuzz.Values(length, 30);
                x[at] = float.NegativeInfinity;
                using GuardedFloats without = new(x, fuzz.Offset());
                Bits.AssertSame(Twin.SumExp(x, 30), SoftmaxKernels.SumExp(without.Pointer, length, 30), $"−∞ at {at} of {length}");
                x[at] = float.NaN;
                using GuardedFloats with = new(x, fuzz.Offset());
                float max = SoftmaxKernels.Max(with.Pointer, length);
                Assert.True(float.IsNaN(SoftmaxKernels.SumExp(with.Pointer, length, max)), $"NaN at {at} of {length}");
            }
        }
    }
}
