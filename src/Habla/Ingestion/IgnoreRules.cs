using System.Text;

namespace Habla.Ingestion;

/// <summary>
/// The .gitignore files that count in a folder: its own and those of the folders above. The deepest that has a matching line decides,
/// in it the last such line. A folder that is ignored is not entered, so nothing in it can be taken back in.
/// </summary>
internal sealed class IgnoreRules
{
    /// <summary>A larger file of that name is no list of patterns.</summary>
    public const int MostBytes = 1 << 20;

    private readonly IgnoreRules? _above;
    private readonly int _start;
    private readonly IReadOnlyList<PathPattern> _patterns;

    private IgnoreRules(IgnoreRules? above, int start, IReadOnlyList<PathPattern> patterns) =>
        (_above, _start, _patterns) = (above, start, patterns);

    /// <summary>No rules.</summary>
    public static IgnoreRules None { get; } = new(null, 0, []);

    /// <summary>These rules with those of a folder further down.</summary>
    /// <param name="folder">The folder's path from where paths begin, with a "/" at its end; empty at the beginning itself.</param>
    /// <param name="content">The content of its .gitignore.</param>
    public IgnoreRules With(string folder, byte[] content) =>
        PathPattern.OfFile(content) is { Count: > 0 } patterns ? new IgnoreRules(this, Encoding.UTF8.GetByteCount(folder), patterns) : this;

    /// <summary>Whether a file or folder is ignored.</summary>
    /// <param name="path">Its path from where paths begin.</param>
    /// <param name="isFolder">Whether it is a folder.</param>
    public bool Ignores(string path, bool isFolder)
    {
        if (_patterns.Count == 0)
        {
            return false;
        }

        ReadOnlySpan<byte> bytes = Encoding.UTF8.GetBytes(path);
        for (IgnoreRules? rules = this; rules is not null; rules = rules._above)
        {
            for (int i = rules._patterns.Count - 1; i >= 0; i--)
            {
                if (rules._patterns[i].Matches(bytes[rules._start..], isFolder))
                {
                    return !rules._patterns[i].Negated;
                }
            }
        }

        return false;
    }
}
