namespace Habla.Tests.Plotting;

/// <summary>A test that draws with gnuplot: skipped, with the reason, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class GnuplotFactAttribute : FactAttribute
{
    public GnuplotFactAttribute()
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, "gnuplot"))))
        {
            Skip = "gnuplot is not installed; install it with `apt-get install gnuplot-nox`";
        }
    }
}
