using Habla.Tensors.Measuring;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Measuring;

public class ForkJoinTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void All_threads_take_part_and_it_takes_some_time(int threads)
    {
        using var pool = new WorkerPool(threads);
        double microseconds = ForkJoin.Measure(pool);
        Assert.True(microseconds >= 0 && double.IsFinite(microseconds));
    }
}
