using Habla.Training;

namespace Habla.Tests.Training;

public class BatchPlanTests
{
    [Theory]
    [InlineData(100_000, 8, 256, 1, 8, false)] // one thread: as many micro-batches a pass as make up to 256 tokens
    [InlineData(100_000, 8, 512, 1, 4, false)]
    [InlineData(100_000, 8, 2048, 1, 1, false)]
    [InlineData(100_000, 8, 64, 1, 8, false)]
    [InlineData(100_000, 6, 96, 1, 4, false)] // a power of two
    [InlineData(100_000, 8, 256, 2, 4, true)] // threads: a pass for each at least
    [InlineData(100_000, 8, 256, 3, 2, true)]
    [InlineData(100_000, 8, 256, 8, 1, true)]
    [InlineData(100_000, 8, 256, 64, 1, true)]
    [InlineData(100_000, 1, 256, 8, 1, false)] // nothing to put beside
    [InlineData(3_000_000, 8, 256, 2, 8, false)] // the copies of the gradients would be too large
    [InlineData(2_000_000, 8, 256, 2, 4, true)]
    public void Follows_from_the_sizes(long parameters, int microBatches, int tokens, int threads, int perPass, bool sideBySide) =>
        Assert.Equal(new BatchPlan(perPass, sideBySide), BatchPlan.For(parameters, microBatches, tokens, threads));

    [Theory]
    [InlineData(1, 8, 8)]
    [InlineData(4, 8, 2)]
    [InlineData(4, 6, 2)]
    [InlineData(4, 3, 1)]
    public void The_last_pass_may_have_fewer_micro_batches(int perPass, int microBatches, int passes) =>
        Assert.Equal(passes, new BatchPlan(perPass, SideBySide: true).Passes(microBatches));
}
