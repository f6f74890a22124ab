using Habla.Ingestion;

namespace Habla.Tests.Ingestion;

public class OrderedWorkTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(8, 100)]
    public void Results_come_in_order_and_no_further_ahead_than_allowed(int threads, int ahead)
    {
        int taken = 0, furthest = 0;
        var results = new List<int>();
        foreach (int result in new OrderedWork(threads, ahead, long.MaxValue).Run(
            Enumerable.Range(0, 500), _ => 1, _ => 1, (item, _) => Work(item), CancellationToken.None))
        {
            results.Add(result);
            Interlocked.Increment(ref taken);
        }

        Assert.Equal(Enumerable.Range(0, 500), results);
        Assert.InRange(furthest, 0, ahead);

        int Work(int item)
        {
            int before = item - Volatile.Read(ref taken);
            for (int seen = furthest; before > seen; seen = furthest)
            {
                Interlocked.CompareExchange(ref furthest, before, seen);
            }

            Thread.Yield();
            return item;
        }
    }

    [Fact]
    public void Results_that_wait_hold_no_more_bytes_than_allowed_unless_one_is_alone()
    {
        long held = 0, most = 0;
        foreach (int bytes in new OrderedWork(4, 100, 1000).Run(
            Enumerable.Range(0, 200), _ => 300, result => result, (item, _) => Made(item % 50 == 49 ? 5000 : 300), CancellationToken.None))
        {
            Interlocked.Add(ref held, -bytes);
        }

        Assert.InRange(most, 300, 5000 + 1000 + 300); // what is being taken counts here as well

        int Made(int bytes)
        {
            long now = Interlocked.Add(ref held, bytes);
            for (long seen = Volatile.Read(ref most); now > seen; seen = Volatile.Read(ref most))
            {
                Interlocked.CompareExchange(ref most, now, seen);
            }

            return bytes;
        }
    }

    [Fact]
    public void What_the_work_throws_is_thrown_where_results_are_taken()
    {
        IEnumerable<int> results = new OrderedWork(3, 10, 1000).Run(
            Enumerable.Range(0, 100), _ => 1, _ => 1, (item, _) => item == 50 ? throw new InvalidOperationException("fifty") : item,
            CancellationToken.None);

        Assert.Equal("fifty", Assert.Throws<InvalidOperationException>(() => results.Count()).Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void The_first_error_in_order_is_thrown_after_the_results_before_it(int threads)
    {
        using var later = new ManualResetEventSlim();
        var results = new List<int>();
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() =>
        {
            foreach (int result in new OrderedWork(threads, 50, 1000).Run(
                Enumerable.Range(0, 30), _ => 1, _ => 1, (item, _) => Result(item), CancellationToken.None))
            {
                results.Add(result);
            }
        });

        Assert.Equal(("3", "0 1 2"), (error.Message, string.Join(' ', results)));

        int Result(int item)
        {
            if (item == 4)
            {
                later.Set(); // fails first
            }

            if (item == 3 && threads > 1)
            {
                later.Wait();
            }

            return item is 3 or 4 ? throw new InvalidOperationException($"{item}") : item;
        }
    }

    [Fact]
    public void Items_are_drawn_on_the_calling_thread_and_no_further_than_there_is_room()
    {
        int here = Environment.CurrentManagedThreadId, drawn = 0, taken = 0;
        var results = new List<int>();
        foreach (int result in new OrderedWork(3, 5, 1000).Run(Items(), _ => 1, _ => 1, (item, _) => item, CancellationToken.None))
        {
            results.Add(result);
            taken++;
            Assert.InRange(drawn, taken, taken + 5 + 1);
        }

        Assert.Equal(Enumerable.Range(0, 200), results);

        IEnumerable<int> Items()
        {
            for (; drawn < 200; drawn++)
            {
                Assert.Equal(here, Environment.CurrentManagedThreadId);
                yield return drawn;
            }
        }
    }

    [Fact]
    public void What_the_items_throw_comes_after_the_results_of_those_before()
    {
        var results = new List<int>();
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() =>
        {
            foreach (int result in new OrderedWork(2, 5, 1000).Run(Items(), _ => 1, _ => 1, (item, _) => item, CancellationToken.None))
            {
                results.Add(result);
            }
        });

        Assert.Equal(("no more", "0 1 2"), (error.Message, string.Join(' ', results)));

        static IEnumerable<int> Items()
        {
            yield return 0;
            yield return 1;
            yield return 2;
            throw new InvalidOperationException("no more");
        }
    }

    [Fact]
    public void A_stop_ends_threads_that_wait_and_threads_that_work()
    {
        using var stop = new CancellationTokenSource();
        IEnumerable<int> results = new OrderedWork(2, 2, 1000).Run(
            Enumerable.Range(0, 100), _ => 1, _ => 1, (item, end) => item < 5 ? item : Forever(end), stop.Token);

        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (int result in results)
            {
                if (result == 4)
                {
                    stop.CancelAfter(20);
                }
            }
        });

        static int Forever(CancellationToken end)
        {
            end.WaitHandle.WaitOne();
            throw new OperationCanceledException(end);
        }
    }

    [Fact]
    public void Whoever_takes_no_more_leaves_no_thread_behind()
    {
        int started = 0;
        Assert.Equal([0, 1], new OrderedWork(2, 4, 1000).Run(
            Enumerable.Range(0, 100_000), _ => 1, _ => 1, (item, _) => Interlocked.Increment(ref started) * 0 + item,
            CancellationToken.None).Take(2));

        int after = Volatile.Read(ref started);
        Thread.Sleep(20);
        Assert.Equal(after, Volatile.Read(ref started));
        Assert.InRange(after, 2, 10);
    }
}
