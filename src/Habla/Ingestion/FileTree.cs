namespace Habla.Ingestion;

/// <summary>The files to read, in an order that depends on nothing but their names, and what is not read.</summary>
/// <param name="Files">The files: start by start as given, in each folder by name (ordinal), a folder's content in its place.</param>
/// <param name="Skipped">What cannot be read, and links, which are not followed.</param>
/// <param name="LeftOut">What was left out by rule.</param>
public sealed record FileTree(IReadOnlyList<SourceFile> Files, IReadOnlyList<SkippedSource> Skipped, LeftOut LeftOut)
{
    /// <summary>Looks through files and folders.</summary>
    /// <remarks>
    /// Symbolic links are never followed: what a link within the tree leads to is read where it stands, and what lies outside was not
    /// asked for; nor can a circle of links catch anybody. What cannot be looked at is a line in <see cref="Skipped"/>.
    /// </remarks>
    /// <param name="paths">Files and folders; a start that is a link itself is followed.</param>
    /// <param name="options">Which files are taken.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="InvalidInputException">None of the paths exists, or one is <see cref="FileTreeOptions.Without"/>.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public static FileTree Walk(IReadOnlyList<string> paths, FileTreeOptions options, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(options);
        return new FileTreeWalk(options, stop).From(GivenPaths.Of(paths));
    }
}
