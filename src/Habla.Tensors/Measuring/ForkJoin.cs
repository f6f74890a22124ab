using System.Diagnostics;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Measuring;

/// <summary>What it costs to hand work to all threads and to wait for them: the time of a job in which there is nothing to do.</summary>
public static class ForkJoin
{
    private const int WarmUp = 1000, Samples = 5000;

    /// <summary>Measures.</summary>
    /// <param name="pool">The threads; with one there is nobody to hand work to.</param>
    /// <returns>The median of several thousand jobs, in microseconds.</returns>
    public static double Measure(WorkerPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        var times = new double[Samples];
        for (int i = -WarmUp; i < Samples; i++)
        {
            long start = Stopwatch.GetTimestamp();
            pool.For(pool.ThreadCount, default(Nothing));
            if (i >= 0)
            {
                times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            }
        }

        Array.Sort(times);
        return times[Samples / 2];
    }

    private readonly struct Nothing : IParallelWork
    {
        public void Run(int piece)
        {
        }
    }
}
