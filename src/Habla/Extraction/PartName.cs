using System.Text.RegularExpressions;

namespace Habla.Extraction;

/// <summary>The names of parts within parts: <c>dir/b.pdf, page 2</c>, <c>inner.zip/a.txt</c>.</summary>
internal static partial class PartName
{
    /// <summary>A page, sheet or record of a file.</summary>
    /// <param name="part">The file's own place in an archive; null when it is in none.</param>
    /// <param name="name">The page.</param>
    public static string Within(string? part, string name) => part is null ? name : $"{part}, {name}";

    /// <summary>A member of an archive. Its name is told as it stands there, and never used as a path.</summary>
    /// <param name="part">The archive's own place in an archive; null when it is in none.</param>
    /// <param name="name">The member.</param>
    public static string Member(string? part, string name) => part is null ? OneLine.Of(name) : $"{part}/{OneLine.Of(name)}";

    /// <summary>The file that a part is of: a member of an archive without its page, slide, chapter or sheet.</summary>
    /// <param name="part">A document's part.</param>
    /// <returns>The member; null when the part is a page of a file that is in no archive, or the whole file.</returns>
    public static string? FileOf(string? part)
    {
        Match page = Page().Match(part ?? "");
        return !page.Success ? part : page.Groups["file"] is { Success: true, Value: var file } ? file : null;
    }

    // The name of a sheet or of a page of a book may be anything: the first ", sheet " or ", page " counts, which at worst joins files
    // instead of parting one.
    [GeneratedRegex(@"^(?:(?<file>.*?), )?(?:(?:slide|chapter) [0-9]+|(?:page|sheet) .*)$", RegexOptions.Singleline)]
    private static partial Regex Page();
}
