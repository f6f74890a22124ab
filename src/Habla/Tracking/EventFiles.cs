namespace Habla.Tracking;

/// <summary>TensorBoard's event files in a run folder, by their name.</summary>
internal static class EventFiles
{
    /// <summary>What their names begin with.</summary>
    public const string Prefix = "events.out.tfevents.";

    /// <summary>Deletes the event files of a folder, and the folder if nothing else is in it.</summary>
    /// <param name="folder">The folder; it need not exist.</param>
    public static void DeleteFrom(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (string file in Directory.EnumerateFiles(folder, Prefix + "*").ToList())
        {
            File.Delete(file);
        }

        if (!Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
        }
    }
}
