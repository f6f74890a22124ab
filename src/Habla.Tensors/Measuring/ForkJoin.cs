using System.Diagnostics;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Measuring;

/// <summary>
/// What it costs to hand work to all threads and to wait for them: the time of a job in which each thread does nothing but wait until
/// all the others have begun as well.
/// </summary>
/// <remarks>With pieces that are over at once it would be 0.1 µs: the caller takes them all before another thread has looked.</remarks>
public static class ForkJoin
{
    private const int MostSamples = 5000;
    private const double Seconds = 0.1; // each, to warm up and to measure; where cores are not free, a job may take milliseconds

    /// <summary>Measures.</summary>
    /// <param name="pool">The threads; with one there is nobody to hand work to.</param>
    /// <returns>The median of up to several thousand jobs, in microseconds.</returns>
    public static double Measure(WorkerPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        var meeting = new Meeting();
        Sample(pool, meeting);
        return Median.Of(Sample(pool, meeting));
    }

    private static List<double> Sample(WorkerPool pool, Meeting meeting)
    {
        var times = new List<double>();
        long begin = Stopwatch.GetTimestamp(), last = begin;
        do
        {
            meeting.Expected += pool.ThreadCount;
            pool.For(pool.ThreadCount, new Arrive { At = meeting });
            long now = Stopwatch.GetTimestamp();
            times.Add(Stopwatch.GetElapsedTime(last, now).TotalMicroseconds);
            last = now;
        }
        while (times.Count < MostSamples && Stopwatch.GetElapsedTime(begin, last).TotalSeconds < Seconds);

        return times;
    }

    private sealed class Meeting
    {
        public int Expected, Arrived;
    }

    private struct Arrive : IParallelWork
    {
        public Meeting At;

        public readonly void Run(int piece)
        {
            Interlocked.Increment(ref At.Arrived);
            var wait = new SpinWait();
            while (Volatile.Read(ref At.Arrived) < At.Expected)
            {
                wait.SpinOnce(sleep1Threshold: -1);
            }
        }
    }
}
