using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Threading;

public class WorkerPoolTests
{
    /// <summary>
    /// Short jobs of changing length follow each other at once, so that a worker that is still looking for a piece of the last
    /// job meets the next one. Each piece must be done once, and before For returns.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Each_piece_of_each_job_is_done_exactly_once(int threads)
    {
        using var pool = new WorkerPool(threads);
        int[] done = new int[9];
        for (int job = 0; job < 100_000; job++)
        {
            int pieces = 2 + (job * 5 % 7);
            pool.For(pieces, new Count { Done = done });
            for (int piece = 0; piece < done.Length; piece++)
            {
                int expected = piece < pieces ? 1 : 0;
                int times = Interlocked.Exchange(ref done[piece], 0);
                if (times != expected)
                {
                    Assert.Fail($"piece {piece} of {pieces} was done {times} times in job {job}");
                }
            }
        }
    }

    [Fact]
    public void A_failure_in_a_piece_reaches_the_caller_and_the_pool_lives_on()
    {
        using var pool = new WorkerPool(2);
        Assert.Throws<InvalidOperationException>(() => pool.For(4, default(Failure)));
        int[] done = new int[4];
        pool.For(4, new Count { Done = done });
        Assert.Equal([1, 1, 1, 1], done);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void Of_several_failures_the_lowest_piece_is_told(int threads)
    {
        using var pool = new WorkerPool(threads);
        for (int job = 0; job < 200; job++)
        {
            Assert.Equal("piece 3", Assert.Throws<InvalidOperationException>(() => pool.For(16, new FailureFrom { First = 3 })).Message);
        }
    }

    [Fact]
    public void Work_that_lies_in_an_object_may_move()
    {
        using var pool = new WorkerPool(4);
        for (int round = 0; round < 20; round++)
        {
            Holder holder = BehindGarbage();
            pool.For(64, in holder.Work);
            Assert.All(holder.Work.Seen, seen => Assert.Equal(12345, seen));
        }
    }

    [Fact]
    public void Shared_jobs_are_counted_and_others_not()
    {
        using WorkerPool alone = new(1), two = new(2);
        int[] done = new int[4];
        alone.For(4, new Count { Done = done });
        two.For(1, new Count { Done = done });
        Assert.Equal((0, 0), (alone.SharedJobs, two.SharedJobs));
        two.For(4, new Count { Done = done });
        Assert.Equal(1, two.SharedJobs);
    }

    [Fact]
    public void A_job_inside_a_piece_runs_on_that_pieces_thread()
    {
        using var pool = new WorkerPool(2);
        int[] done = new int[6];
        pool.For(3, new Nested { Pool = pool, Done = done });
        Assert.Equal([3, 3, 3, 3, 3, 3], done);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Disposing_a_second_time_does_nothing(int threads)
    {
        var pool = new WorkerPool(threads);
        int[] done = new int[4];
        pool.For(4, new Count { Done = done });
        pool.Dispose();
        pool.Dispose();
        Assert.Equal([1, 1, 1, 1], done);
    }

    private struct Count : IParallelWork
    {
        public int[] Done;

        public readonly void Run(int piece) => Interlocked.Increment(ref Done[piece]);
    }

    private struct Nested : IParallelWork
    {
        public WorkerPool Pool;
        public int[] Done;

        public readonly void Run(int piece) => Pool.For(6, new Count { Done = Done });
    }

    private struct Failure : IParallelWork
    {
        public readonly void Run(int piece) => throw new InvalidOperationException($"piece {piece}");
    }

    private struct FailureFrom : IParallelWork
    {
        public int First;

        public readonly void Run(int piece)
        {
            if (piece >= First)
            {
                throw new InvalidOperationException($"piece {piece}");
            }
        }
    }

    private struct CollectingWork : IParallelWork
    {
        public int[] Seen;
        public int Value;

        public readonly void Run(int piece)
        {
            if (piece % 16 == 0)
            {
                GC.Collect(0, GCCollectionMode.Forced, blocking: true, compacting: true);
            }

            Seen[piece] = Value;
        }
    }

    private sealed class Holder
    {
        public CollectingWork Work = new() { Seen = new int[64], Value = 12345 };
    }

    /// <summary>A young object that lies behind garbage, so that the next collection moves it.</summary>
    private static Holder BehindGarbage()
    {
        for (int i = 0; i < 100; i++)
        {
            GC.KeepAlive(new byte[1000]);
        }

        return new Holder();
    }
}
