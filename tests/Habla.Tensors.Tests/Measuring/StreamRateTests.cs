using Habla.Tensors.Measuring;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Measuring;

public class StreamRateTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Memory_is_read_at_some_rate(int threads)
    {
        using var pool = new WorkerPool(threads);
        using var stream = new StreamRate(9_000_000);
        Assert.Equal(8 << 20, stream.Bytes); // whole pieces
        Assert.InRange(stream.Measure(pool, samples: 2), 1, 1e15);
    }

    [Fact]
    public void An_array_of_less_than_a_piece_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new StreamRate(1000));
}
