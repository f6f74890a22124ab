using System.Runtime.Intrinsics;
using Habla.Tensors.Kernels;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Kernels;

public unsafe class DropoutKernelTests
{
    [Theory]
    [InlineData(0.1f)]
    [InlineData(0.2f)]
    [InlineData(0.5f)]
    [InlineData(0.999f)]
    [InlineData(1e-6f)] // less than half of 2⁻¹⁶: none is dropped
    [InlineData(0.99999f)] // more than 1 − 2⁻¹⁷: all are
    public void A_bit_says_what_the_random_words_of_its_place_say(float probability)
    {
        var fuzz = new Fuzz(1);
        for (int groups = 0; groups <= 9; groups++)
        {
            var random = new SeededRandom((ulong)fuzz.Below(1000), RandomPurpose.Dropout, (uint)fuzz.Below(1000));
            ulong first = fuzz.Coin() ? (ulong)fuzz.Below(1000) : (1ul << 40) - 3;
            ulong[] drawn = new ulong[(2 * groups) + 1];
            drawn[^1] = 0xFEED;
            fixed (ulong* kept = drawn)
            {
                DropoutKernel.Draw(kept, groups, random, first, probability);
            }

            Assert.Equal(0xFEEDul, drawn[^1]);
            for (int i = 0; i < 128 * groups; i++)
            {
                Assert.Equal(Twin.IsKept(random, (128 * first) + (ulong)i, probability), (drawn[i / 64] >> (i % 64) & 1) == 1);
            }
        }
    }

    [Fact]
    public void Numbers_are_stretched_or_dropped_at_every_length_and_alignment_also_in_place()
    {
        var fuzz = new Fuzz(2);
        foreach (int length in Fuzz.Sizes)
        {
            float probability = fuzz.Below(100) / 100f;
            ulong[] bits = [.. Enumerable.Range(0, (length / 64) + 1).Select(_ => (ulong)fuzz.Below(int.MaxValue) * 0x9E3779B97F4A7C15)];
            bool[] kept = [.. Enumerable.Range(0, length).Select(i => (bits[i / 64] >> (i % 64) & 1) == 1)];
            float[] x = fuzz.WithSpecials(length), basis = fuzz.WithSpecials(length);
            float[] alone = Twin.Dropout(x, null, kept, probability), added = Twin.Dropout(x, basis, kept, probability);
            using GuardedFloats from = new(x, fuzz.Offset()), under = new(basis, fuzz.Offset()), to = fuzz.Empty(length);
            using GuardedFloats branch = new(x, fuzz.Offset());
            fixed (ulong* b = bits)
            {
                DropoutKernel.Apply(from.Pointer, null, to.Pointer, length, b, probability);
                to.AssertHolds(alone, $"{length} numbers");
                DropoutKernel.Apply(branch.Pointer, under.Pointer, branch.Pointer, length, b, probability);
                branch.AssertHolds(added, $"{length} numbers in place of the branch");
                DropoutKernel.Apply(from.Pointer, under.Pointer, under.Pointer, length, b, probability);
                under.AssertHolds(added, $"{length} numbers in place of the base");
                DropoutKernel.Apply(from.Pointer, null, from.Pointer, length, b, probability);
                from.AssertHolds(alone, $"{length} numbers in place");
            }
        }
    }

    [Fact]
    public void A_vector_keeps_the_lanes_of_its_sixteen_bits()
    {
        Vector512<float> ones = Vector512<float>.One;
        for (ulong bits = 0; bits < 1 << 16; bits += 7)
        {
            Vector512<float> found = DropoutKernel.Keep(ones, bits | 0xABCD_0000);
            for (int lane = 0; lane < 16; lane++)
            {
                Assert.Equal((bits >> lane & 1) == 1 ? 1f : 0f, found[lane]);
            }
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(128, 1)]
    [InlineData(129, 2)]
    public void Stretches_take_whole_groups(int count, int groups) => Assert.Equal(groups, DropoutKernel.GroupsFor(count));
}
