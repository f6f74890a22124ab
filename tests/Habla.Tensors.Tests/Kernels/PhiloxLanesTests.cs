using System.Runtime.Intrinsics;
using Habla.Tensors.Kernels;

namespace Habla.Tensors.Tests.Kernels;

public class PhiloxLanesTests
{
    [Theory]
    [InlineData(0ul, 0u, 0ul)]
    [InlineData(9ul, 3u, 16ul)]
    [InlineData(ulong.MaxValue, uint.MaxValue, 0xFFFFFFF0ul)]
    [InlineData(0x0123456789ABCDEFul, 77u, 0x100000000ul)]
    [InlineData(1ul << 63, 1u << 31, ulong.MaxValue - 15)]
    public void Sixteen_blocks_at_once_are_sixteen_blocks(ulong seed, uint step, ulong firstBlock)
    {
        var random = new SeededRandom(seed, RandomPurpose.Dropout, step);
        for (ulong group = firstBlock; group - firstBlock < 16 * 20 && group >= firstBlock; group += 16)
        {
            PhiloxLanes.Words(
                random, group, out Vector512<uint> w0, out Vector512<uint> w1, out Vector512<uint> w2, out Vector512<uint> w3);
            for (int lane = 0; lane < 16; lane++)
            {
                Assert.Equal(random.Block(group + (ulong)lane), new PhiloxBlock(w0[lane], w1[lane], w2[lane], w3[lane]));
            }
        }
    }
}
