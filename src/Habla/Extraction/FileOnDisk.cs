namespace Habla.Extraction;

/// <summary>
/// A path for a program that reads only files: the file's own, or that of a copy of a member under a name of ours, deleted afterwards.
/// </summary>
internal sealed class FileOnDisk : IDisposable
{
    private readonly string? _folder;

    public FileOnDisk(SourceContent source)
    {
        if (source.Path is null)
        {
            _folder = Directory.CreateTempSubdirectory("habla-member-").FullName;
        }

        Path = source.Path ?? System.IO.Path.Combine(_folder!, "member");
        if (_folder is not null)
        {
            File.WriteAllBytes(Path, source.Bytes());
        }
    }

    /// <summary>A full path, which begins with no dash.</summary>
    public string Path { get; }

    public void Dispose()
    {
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
