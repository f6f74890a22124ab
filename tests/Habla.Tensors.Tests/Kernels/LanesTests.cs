using System.Runtime.Intrinsics;
using Habla.Tensors.Kernels;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Kernels;

public unsafe class LanesTests
{
    [Fact]
    public void Part_of_a_vector_is_read_and_written_and_nothing_beside_it()
    {
        var fuzz = new Fuzz(1);
        for (int count = 1; count <= 20; count++)
        {
            for (int offset = 0; offset < 16; offset++)
            {
                float[] values = fuzz.WithSpecials(count);
                using GuardedFloats from = new(values, offset), to = new(count, offset);
                int wanted = Math.Min(count, 16);
                Vector512<float> lanes = Lanes.Load(from.Pointer, count);
                Bits.AssertSame([.. values[..wanted], .. new float[16 - wanted]], Numbers(lanes), $"{count} lanes read");
                Lanes.Store(lanes, to.Pointer, count);
                to.AssertHolds([.. values[..wanted], .. Enumerable.Repeat(float.NaN, count - wanted)], $"{count} lanes written");

                if (count <= 16)
                {
                    Bits.AssertSame(Numbers(lanes), Numbers(Lanes.LoadPartial(from.Pointer, count)), $"{count} lanes read as a part");
                    to.Span.Fill(-7);
                    Lanes.StorePartial(lanes, to.Pointer, count);
                    to.AssertHolds(values, $"{count} lanes written as a part");
                }
            }
        }
    }

    [Fact]
    public void The_first_lanes_stay_and_the_others_become_zero()
    {
        float[] values = [.. Enumerable.Range(1, 16).Select(i => (float)i)];
        for (int count = 0; count <= 20; count++)
        {
            float[] expected = [.. values.Select((value, i) => i < count ? value : 0f)];
            Bits.AssertSame(expected, Numbers(Lanes.First(Vector512.Create(values), count)), $"the first {count}");
            uint[] flags = [.. expected.Select(value => value == 0 ? 0 : uint.MaxValue)];
            Vector512<uint> mask = Lanes.FirstLanes(count).AsUInt32();
            Assert.Equal(flags, Enumerable.Range(0, 16).Select(i => mask[i]));
        }
    }

    [Fact]
    public void Lanes_are_summed_pairwise_and_the_largest_is_found()
    {
        var fuzz = new Fuzz(2);
        for (int round = 0; round < 2_000; round++)
        {
            float[] values = fuzz.Values(16, round % 2 == 0 ? 1 : 1e30f);
            Bits.AssertSame(Twin.SumOfLanes([.. values]), Lanes.Sum(Vector512.Create(values)), $"sum of round {round}");
            Bits.AssertSame(values.Max(), Lanes.Max(Vector512.Create(values)), $"largest of round {round}");
        }
    }

    [Fact]
    public void The_order_of_a_sum_shows()
    {
        // 2²⁴ + 1 is not a float32: who adds the ones first sees them.
        float[] values = [16777216, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        Assert.Equal(16777218f, Lanes.Sum(Vector512.Create(values)));
        values = [16777216, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
        Assert.Equal(16777216f, Lanes.Sum(Vector512.Create(values)));
    }

    private static float[] Numbers(Vector512<float> lanes) => [.. Enumerable.Range(0, 16).Select(i => lanes[i])];
}
