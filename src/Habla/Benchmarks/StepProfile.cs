using System.Diagnostics;
using Habla.Training;

namespace Habla.Benchmarks;

/// <summary>Where a step's time goes, by operation.</summary>
internal static class StepProfile
{
    public static IReadOnlyList<ProfileLine> Measure(Trainer trainer, int threads, double seconds)
    {
        trainer.Gradient.TimeOperations();
        int steps = 0;
        long start = Stopwatch.GetTimestamp();
        do
        {
            trainer.Step();
            steps++;
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);

        double all = Stopwatch.GetElapsedTime(start).TotalSeconds * (trainer.RunsSideBySide ? threads : 1);
        List<(string Name, double Seconds)> lines =
        [
            .. trainer.Gradient.Times.SelectMany(tape => tape.Totals)
                .GroupBy(line => line.Name)
                .Select(group => (group.Key, group.Sum(line => line.Seconds))),
        ];
        lines.Add(("the rest: sum of gradients, norm, AdamW, waiting", all - lines.Sum(line => line.Seconds)));
        return [.. lines.OrderByDescending(line => line.Seconds)
            .Select(line => new ProfileLine(line.Name, line.Seconds / steps * 1e3, line.Seconds / all))];
    }
}
