namespace Habla.Ingestion;

/// <summary>The files and folders that the user gave, with the name under which documents know each.</summary>
internal static class GivenPaths
{
    /// <summary>A file or folder to start from.</summary>
    /// <param name="Given">As it was typed.</param>
    /// <param name="Path">Where it is, without links.</param>
    /// <param name="Prefix">What sources of files in it begin with: nothing when it is the only one, otherwise its name and "/".</param>
    /// <param name="Name">The source of the file itself, when it is one.</param>
    internal sealed record Start(string Given, string Path, string Prefix, string Name);

    /// <summary>
    /// The starts in the given order, each once. Of several, each is called by its last name, or by as many as it takes to tell
    /// them apart.
    /// </summary>
    public static IReadOnlyList<Start> Of(IReadOnlyList<string> paths)
    {
        (string Given, string Path)[] real = [.. paths.Select(path => (path, RealPath.Of(path))).DistinctBy(pair => pair.Item2)];
        int names = 1;
        while (real.DistinctBy(pair => Last(pair.Path, names)).Count() < real.Length)
        {
            names++;
        }

        return
        [
            .. real.Select(pair =>
                new Start(pair.Given, pair.Path, real.Length == 1 ? "" : Last(pair.Path, names) + "/", Last(pair.Path, names))),
        ];
    }

    private static string Last(string path, int names) =>
        string.Join('/', path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).TakeLast(names));
}
