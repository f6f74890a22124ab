using System.Text;

namespace Habla.Ingestion;

/// <summary>
/// A line of a .gitignore, or a glob of the command line, which means the same: without a "/" inside it is held against the name of a
/// file or folder at any depth, otherwise against the path from where it stands.
/// </summary>
internal sealed class PathPattern
{
    private readonly byte[] _pattern;
    private readonly int _literal;
    private readonly bool _wholePath;
    private readonly bool _foldersOnly;

    private PathPattern(ReadOnlySpan<byte> pattern, bool negated)
    {
        Negated = negated;
        if (pattern.EndsWith("/"u8))
        {
            _foldersOnly = true;
            pattern = pattern[..^1];
        }

        _wholePath = pattern.Contains((byte)'/');
        _pattern = (pattern.StartsWith("/"u8) ? pattern[1..] : pattern).ToArray();
        int special = _pattern.AsSpan().IndexOfAny("*?[\\"u8);
        _literal = !_wholePath ? 0 : special < 0 ? _pattern.Length : special;
    }

    /// <summary>Whether what matches is taken back in.</summary>
    public bool Negated { get; }

    /// <summary>A glob as it was typed; "!" and "#" mean themselves.</summary>
    public static PathPattern OfGlob(string glob) => new(Encoding.UTF8.GetBytes(glob), negated: false);

    /// <summary>The patterns of a .gitignore, in its order.</summary>
    public static IReadOnlyList<PathPattern> OfFile(ReadOnlySpan<byte> content)
    {
        var patterns = new List<PathPattern>();
        content = content.StartsWith("\uFEFF"u8) ? content[3..] : content;
        while (content.Length > 0)
        {
            int end = content.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? content : content[..end];
            content = end < 0 ? [] : content[(end + 1)..];
            if (OfLine(line) is { } pattern)
            {
                patterns.Add(pattern);
            }
        }

        return patterns;
    }

    /// <summary>Whether a path below the place of the pattern matches.</summary>
    /// <param name="path">The path from there, in UTF-8.</param>
    /// <param name="isFolder">Whether it is a folder.</param>
    public bool Matches(ReadOnlySpan<byte> path, bool isFolder)
    {
        if (_pattern.Length == 0 || (_foldersOnly && !isFolder))
        {
            return false;
        }

        if (!_wholePath)
        {
            return Wildmatch.Matches(_pattern, path[(path.LastIndexOf((byte)'/') + 1)..]);
        }

        // Git compares what comes before the first special character by itself, so that the stars of "foo**/bar" are at a beginning.
        return path.StartsWith(_pattern.AsSpan(0, _literal)) && Wildmatch.Matches(_pattern.AsSpan(_literal), path[_literal..]);
    }

    private static PathPattern? OfLine(ReadOnlySpan<byte> line)
    {
        line = line.EndsWith("\r"u8) ? line[..^1] : line;
        line = WithoutTrailingSpaces(line);
        if (line.Length == 0 || line[0] == '#')
        {
            return null;
        }

        bool negated = line[0] == '!';
        return new PathPattern(negated ? line[1..] : line, negated);
    }

    /// <summary>Spaces at the end do not count unless a backslash stands before them.</summary>
    private static ReadOnlySpan<byte> WithoutTrailingSpaces(ReadOnlySpan<byte> line)
    {
        int kept = 0;
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '\\')
            {
                i++;
                kept = Math.Min(i + 1, line.Length);
            }
            else if (line[i] != ' ')
            {
                kept = i + 1;
            }
        }

        return line[..kept];
    }
}
