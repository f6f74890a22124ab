namespace Habla.Tracking;

/// <summary>Finds the commit that a folder's checkout stands on, by reading git's own files; git need not be installed.</summary>
public static class GitCommit
{
    /// <summary>The commit's hash.</summary>
    /// <param name="folder">A folder in a checkout, or not.</param>
    /// <returns>40 (or 64) hexadecimal digits; null outside a checkout, or before its first commit.</returns>
    public static string? Of(string folder)
    {
        try
        {
            return FindGitFolder(folder) is { } git ? Resolve(git) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Provenance is worth having, but no run should fail for want of it.
            return null;
        }
    }

    private static string? FindGitFolder(string folder)
    {
        for (DirectoryInfo? place = new(folder); place is not null; place = place.Parent)
        {
            string git = Path.Combine(place.FullName, ".git");
            if (Directory.Exists(git))
            {
                return git;
            }

            // A worktree or submodule has a file that points to the real folder.
            if (File.Exists(git)
                && File.ReadAllText(git).Trim() is var link
                && link.StartsWith("gitdir:", StringComparison.Ordinal))
            {
                return Path.GetFullPath(Path.Combine(place.FullName, link["gitdir:".Length..].Trim()));
            }
        }

        return null;
    }

    private static string? Resolve(string git)
    {
        string head = File.ReadAllText(Path.Combine(git, "HEAD")).Trim();
        if (!head.StartsWith("ref:", StringComparison.Ordinal))
        {
            return AsHash(head);
        }

        string reference = head["ref:".Length..].Trim();
        string common = Path.Combine(git, "commondir");
        string shared = File.Exists(common) ? Path.GetFullPath(Path.Combine(git, File.ReadAllText(common).Trim())) : git;
        foreach (string place in (string[])[git, shared])
        {
            if (File.Exists(Path.Combine(place, reference)))
            {
                return AsHash(File.ReadAllText(Path.Combine(place, reference)).Trim());
            }
        }

        string packed = Path.Combine(shared, "packed-refs");
        string? line = File.Exists(packed)
            ? File.ReadLines(packed).FirstOrDefault(line => line.EndsWith(" " + reference, StringComparison.Ordinal))
            : null;
        return line is null ? null : AsHash(line[..line.IndexOf(' ', StringComparison.Ordinal)]);
    }

    private static string? AsHash(string text) => text.Length is 40 or 64 && text.All(char.IsAsciiHexDigitLower) ? text : null;
}
