namespace Habla.Ingestion;

/// <summary>How much was found and not looked at, by rule. A folder that is left out counts once, whatever is in it.</summary>
public sealed record LeftOut
{
    /// <summary>Folders that hold no text of the user's own: .git, node_modules, bin, obj, build, venv, .venv, __pycache__.</summary>
    public int StandardFolders { get; internal set; }

    /// <summary>Files and folders that a .gitignore names.</summary>
    public int GitIgnored { get; internal set; }

    /// <summary>Files and folders that --exclude names, and files that --include does not.</summary>
    public int Globs { get; internal set; }

    /// <summary>Files after the first --max-files.</summary>
    public int BeyondMaxFiles { get; internal set; }

    /// <summary>
    /// Folders that an ingestion writes: the one that is written to, and those that hold the report or the cache of an earlier one.
    /// </summary>
    public int OutputFolder { get; internal set; }
}
