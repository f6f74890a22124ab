namespace Habla.Plotting;

/// <summary>Thins a long series to what a picture can show.</summary>
internal static class PlotPoints
{
    /// <summary>
    /// No series is drawn with more points. A picture is about a thousand points wide; gnuplot took over 20 s for the 100,000 steps of
    /// a long run, each of them a line of its script.
    /// </summary>
    public const int Most = 4000;

    /// <summary>The points, or the least and the greatest of each of so many runs of neighbours, in order: no peak is lost.</summary>
    public static IReadOnlyList<(double X, double Y)> Thin(IReadOnlyList<(double X, double Y)> points)
    {
        if (points.Count <= Most)
        {
            return points;
        }

        var thin = new List<(double X, double Y)>(Most);
        const int runs = Most / 2;
        for (int run = 0; run < runs; run++)
        {
            int from = (int)((long)points.Count * run / runs), to = (int)((long)points.Count * (run + 1) / runs);
            int least = from, greatest = from;
            for (int i = from + 1; i < to; i++)
            {
                least = points[i].Y < points[least].Y ? i : least;
                greatest = points[i].Y > points[greatest].Y ? i : greatest;
            }

            thin.Add(points[Math.Min(least, greatest)]);
            if (least != greatest)
            {
                thin.Add(points[Math.Max(least, greatest)]);
            }
        }

        return thin;
    }

    /// <summary>The distance between those of so many numbers that are worth working out.</summary>
    public static int Distance(int count) => (count + Most - 1) / Most;
}
