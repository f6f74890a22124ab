namespace Habla.Storage;

/// <summary>Looks for what is there already of a place that is to be written.</summary>
internal static class ExistingPath
{
    /// <summary>The path itself where something is there, otherwise the nearest folder around it; null when not even its root is.</summary>
    /// <param name="path">A full path.</param>
    /// <returns>A folder, or a file that is in the way.</returns>
    public static string? NearestTo(string path)
    {
        string? nearest = path;
        while (nearest is not null && !Path.Exists(nearest))
        {
            nearest = Path.GetDirectoryName(nearest);
        }

        return nearest;
    }
}
