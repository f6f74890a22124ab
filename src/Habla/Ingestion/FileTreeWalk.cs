using System.Text;
using Habla.Extraction;

namespace Habla.Ingestion;

/// <summary>One walk through files and folders; see <see cref="FileTree.Walk"/>.</summary>
internal sealed class FileTreeWalk(FileTreeOptions options, CancellationToken stop)
{
    private const string Unknown = "unknown";

    // PATH_MAX less its end and a separator.
    private const int LongestPath = 4094;

    private static readonly HashSet<string> _standardFolders =
        [".git", "node_modules", "bin", "obj", "build", "venv", ".venv", "__pycache__"];

    private static readonly EnumerationOptions _everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    private readonly PathPattern[] _include = [.. options.Include.Select(PathPattern.OfGlob)];
    private readonly PathPattern[] _exclude = [.. options.Exclude.Select(PathPattern.OfGlob)];
    private readonly string? _without = options.Without is null ? null : RealPath.Of(options.Without);
    private readonly List<SourceFile> _files = [];
    private readonly List<SkippedSource> _skipped = [];
    private readonly LeftOut _leftOut = new();
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    public FileTree From(IReadOnlyList<GivenPaths.Start> starts)
    {
        foreach (GivenPaths.Start start in starts)
        {
            From(start, several: starts.Count > 1);
        }

        return starts.Count == 0 || starts.Any(start => Path.Exists(start.Path))
            ? new FileTree(_files, _skipped, _leftOut)
            : throw new InvalidInputException(
                $"{string.Join(", ", starts.Select(start => start.Given))}: no such file or folder; give what is to be read.");
    }

    private void From(GivenPaths.Start start, bool several)
    {
        if (start.Path == _without)
        {
            throw new InvalidInputException($"{start.Given}: this is the folder to write to; choose another one for --out.");
        }

        if (!Directory.Exists(start.Path))
        {
            Take(new FileInfo(start.Path), start.Name, Path.GetFileName(start.Path), included: false, several);
            return;
        }

        (IgnoreRules rules, string before) = RulesAround(start.Path);
        Walk(new Folder(start.Path, start.Prefix, "", before, rules, Included: false), several);
    }

    /// <summary>Not by recursion: a folder may lie deeper than a stack is long.</summary>
    private void Walk(Folder first, bool several)
    {
        // The entries still to come of each folder on the way down.
        var open = new Stack<(Folder Folder, Queue<FileSystemInfo> Entries)>();
        Enter(first);
        while (open.TryPeek(out (Folder Folder, Queue<FileSystemInfo> Entries) top))
        {
            stop.ThrowIfCancellationRequested();
            if (!top.Entries.TryDequeue(out FileSystemInfo? entry))
            {
                open.Pop();
            }
            else if (Look(top.Folder, entry, several) is { } folder)
            {
                Enter(folder);
            }
        }

        void Enter(Folder folder)
        {
            if (EntriesOf(folder) is not { } entries)
            {
                return;
            }

            if (!ReferenceEquals(folder, first) && EarlierOutput.IsAmong(entries))
            {
                _leftOut.OutputFolder++;
                return;
            }

            open.Push((WithRules(folder, entries), new Queue<FileSystemInfo>(entries)));
        }
    }

    private FileSystemInfo[]? EntriesOf(Folder folder)
    {
        try
        {
            FileSystemInfo[] entries = [.. new DirectoryInfo(folder.Path).EnumerateFileSystemInfos("*", _everything)];
            Array.Sort(entries, (a, b) => string.CompareOrdinal(a.Name, b.Name));
            return entries;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            string source = folder.Source.Length == 0 ? "." : folder.Source.TrimEnd('/');
            Skip(source, SkipReason.Unreadable, $"the folder cannot be read: {error.Message}");
            return null;
        }
    }

    private Folder WithRules(Folder folder, FileSystemInfo[] entries)
    {
        if (Array.Find(entries, entry => entry.Name == ".gitignore") is not FileInfo { LinkTarget: null, Length: > 0 } file)
        {
            return folder;
        }

        try
        {
            return file.Length > IgnoreRules.MostBytes
                ? throw new IOException("it is larger than a list of patterns can be.")
                : folder with { Rules = folder.Rules.With(folder.RulesPath, File.ReadAllBytes(file.FullName)) };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Skip(folder.Source + file.Name, SkipReason.Unreadable, $"its patterns do not count: {error.Message}");
            return folder;
        }
    }

    /// <summary>Takes a file, or gives the folder to go on with.</summary>
    private Folder? Look(Folder folder, FileSystemInfo entry, bool several)
    {
        string path = folder.Relative + entry.Name, source = folder.Source + entry.Name;
        if (Encoding.UTF8.GetByteCount(folder.Path) + Encoding.UTF8.GetByteCount(entry.Name) >= LongestPath)
        {
            Skip(source, SkipReason.Unreadable, "its path is longer than the system takes: move it up");
            return null;
        }

        bool isLink = entry.LinkTarget is not null;
        bool isFolder = entry is DirectoryInfo && !isLink;
        if (isFolder && _standardFolders.Contains(entry.Name))
        {
            _leftOut.StandardFolders++;
        }
        else if (isFolder && entry.FullName == _without)
        {
            _leftOut.OutputFolder++;
        }
        else if (folder.Rules.Ignores(folder.RulesPath + entry.Name, isFolder))
        {
            _leftOut.GitIgnored++;
        }
        else if (isLink)
        {
            SkipLink(entry, source);
        }
        else if (!isFolder)
        {
            Take(entry, source, path, folder.Included, several);
        }
        else if (AnyMatches(_exclude, path, isFolder: true))
        {
            _leftOut.Globs++;
        }
        else
        {
            return new Folder(
                entry.FullName, source + "/", path + "/", folder.RulesPath + entry.Name + "/", folder.Rules,
                folder.Included || AnyMatches(_include, path, isFolder: true));
        }

        return null;
    }

    private void Take(FileSystemInfo entry, string source, string path, bool included, bool several)
    {
        if (several && !_seen.Add(entry.FullName))
        {
            return; // it lies within two of the given folders, and was taken by its first name
        }

        if ((_include.Length > 0 && !included && !AnyMatches(_include, path, isFolder: false))
            || AnyMatches(_exclude, path, isFolder: false))
        {
            _leftOut.Globs++;
            return;
        }

        try
        {
            long length = ((FileInfo)entry).Length; // throws when it is not there
            if (length == 0 && RegularFile.WhatElse(entry.FullName) is { } other)
            {
                Skip(source, SkipReason.Unreadable, $"it is {other}, and only files are read");
            }
            else if (_files.Count >= options.MaxFiles)
            {
                _leftOut.BeyondMaxFiles++;
            }
            else
            {
                _files.Add(new SourceFile(source, entry.FullName, length, entry.LastWriteTimeUtc.Ticks));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Skip(source, SkipReason.Unreadable, error switch
            {
                FileNotFoundException when entry.Name.Contains('\uFFFD') => "its name is not UTF-8: rename it",
                FileNotFoundException or DirectoryNotFoundException => "there is no such file",
                _ => error.Message,
            });
        }
    }

    private void SkipLink(FileSystemInfo link, string source)
    {
        if (LeadsSomewhere(link))
        {
            Skip(source, SkipReason.SymbolicLink, $"a symbolic link to {link.LinkTarget}, not followed");
        }
        else
        {
            Skip(source, SkipReason.Unreadable, $"a symbolic link to {link.LinkTarget}, which is not there");
        }
    }

    private static bool LeadsSomewhere(FileSystemInfo link)
    {
        try
        {
            return link.ResolveLinkTarget(returnFinalTarget: true) is { } target && Path.Exists(target.FullName);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false; // it leads in a circle
        }
    }

    private void Skip(string source, SkipReason reason, string detail) =>
        _skipped.Add(new SkippedSource(source, null, Unknown, reason, detail));

    private static bool AnyMatches(PathPattern[] globs, string path, bool isFolder) =>
        globs.Length > 0 && Encoding.UTF8.GetBytes(path) is var bytes
            && Array.Exists(globs, glob => glob.Matches(bytes, isFolder));

    /// <summary>
    /// The rules of the .gitignore files above a folder, up to the top of its repository, and the folder's path from there. None when
    /// they ignore the folder itself: whoever names it wants it read.
    /// </summary>
    private static (IgnoreRules Rules, string Path) RulesAround(string folder)
    {
        var above = new Stack<string>();
        string? top = folder;
        while (top is not null && !Path.Exists(Path.Combine(top, ".git")))
        {
            above.Push(top);
            top = Path.GetDirectoryName(top);
        }

        if (top is null || above.Count == 0)
        {
            return (IgnoreRules.None, "");
        }

        IgnoreRules rules = IgnoreRules.None;
        string path = "", parent = top;
        foreach (string below in above)
        {
            rules = rules.With(path, PatternsIn(parent));

            if (rules.Ignores(path + Path.GetFileName(below), isFolder: true))
            {
                return (IgnoreRules.None, "");
            }

            (path, parent) = ($"{path}{Path.GetFileName(below)}/", below);
        }

        return (rules, path);
    }

    private static byte[] PatternsIn(string folder)
    {
        var file = new FileInfo(Path.Combine(folder, ".gitignore"));
        try
        {
            return file is { Exists: true, LinkTarget: null, Length: > 0 and <= IgnoreRules.MostBytes }
                ? File.ReadAllBytes(file.FullName)
                : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return []; // it is none of the files that were given
        }
    }

    /// <summary>A folder on the way.</summary>
    /// <param name="Path">Where it is.</param>
    /// <param name="Source">What the sources of its files begin with.</param>
    /// <param name="Relative">Its path from the given folder, with a "/" at its end, which globs are held against.</param>
    /// <param name="RulesPath">The same from the top of the repository, for .gitignore.</param>
    /// <param name="Rules">The .gitignore files that count here.</param>
    /// <param name="Included">Whether it or a folder around it matches --include.</param>
    private sealed record Folder(string Path, string Source, string Relative, string RulesPath, IgnoreRules Rules, bool Included);
}
