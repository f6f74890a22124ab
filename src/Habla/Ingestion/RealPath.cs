namespace Habla.Ingestion;

/// <summary>Where a path leads when every symbolic link on its way is followed.</summary>
internal static class RealPath
{
    private const int MostLinks = 40;

    /// <summary>The full path without links; of what does not exist, as far as it exists.</summary>
    /// <param name="path">Any path.</param>
    public static string Of(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        for (int links = 0; links < MostLinks; links++)
        {
            if (Follow(full) is not { } further)
            {
                return full;
            }

            full = Path.TrimEndingDirectorySeparator(further);
        }

        return full;
    }

    /// <summary>The path with the first link on its way replaced; null when there is none.</summary>
    private static string? Follow(string full)
    {
        string there = Path.GetPathRoot(full)!;
        string[] names = full[there.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < names.Length; i++)
        {
            string folder = there;
            there = Path.Combine(there, names[i]);
            if (new FileInfo(there).LinkTarget is { } target)
            {
                return Path.GetFullPath(Path.Combine([folder, target, .. names[(i + 1)..]]));
            }
        }

        return null;
    }
}
