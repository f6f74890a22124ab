namespace Habla.Extraction;

/// <summary>The names of parts within parts: <c>dir/b.pdf, page 2</c>, <c>inner.zip/a.txt</c>.</summary>
internal static class PartName
{
    /// <summary>A page, sheet or record of a file.</summary>
    /// <param name="part">The file's own place in an archive; null when it is in none.</param>
    /// <param name="name">The page.</param>
    public static string Within(string? part, string name) => part is null ? name : $"{part}, {name}";

    /// <summary>A member of an archive. Its name is told as it stands there, and never used as a path.</summary>
    /// <param name="part">The archive's own place in an archive; null when it is in none.</param>
    /// <param name="name">The member.</param>
    public static string Member(string? part, string name) => part is null ? OneLine.Of(name) : $"{part}/{OneLine.Of(name)}";
}
