using Habla.Runs;

namespace Habla.Tests.Runs;

public class MemoryGrowthTests
{
    [Theory]
    [InlineData(100, 15.23)] // code, a hundred steps' garbage and what they leave
    [InlineData(2_000, 38.61)]
    [InlineData(1_000_000, 343.18)] // the garbage has long been collected; the log's lines stay
    public void It_follows_the_steps(int steps, double expected) => Assert.Equal(expected, MemoryGrowth.Megabytes(steps, new()));

    [Fact]
    public void Telling_a_server_takes_more() =>
        Assert.Equal(48.61, MemoryGrowth.Megabytes(2_000, new() { MlflowUri = "mlruns" }));
}
