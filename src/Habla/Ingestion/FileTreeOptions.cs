namespace Habla.Ingestion;

/// <summary>Which files of the given folders are taken.</summary>
public sealed record FileTreeOptions
{
    /// <summary>
    /// Globs of which a file or a folder around it has to match one; empty (the default) takes every file. Written as in a .gitignore:
    /// <c>*.md</c> at any depth, <c>docs/**/*.md</c> from the given folder on.
    /// </summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Globs of files and folders to leave out, written the same way; stronger than <see cref="Include"/>. Default none.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>The most files that are taken, the first in order; null (the default) for all.</summary>
    public int? MaxFiles { get; init; }

    /// <summary>A folder that is never entered, such as the one that is written to; null (the default) for none.</summary>
    public string? Without { get; init; }
}
