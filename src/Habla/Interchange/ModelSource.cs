using Habla.Storage;

namespace Habla.Interchange;

/// <summary>Where an imported model came from: the files that were read, with their hashes.</summary>
/// <param name="Folder">The folder as it was named.</param>
/// <param name="Architecture">What the source calls the architecture, such as <c>llama</c>.</param>
/// <param name="Dtypes">The formats that weights came in, such as <c>BF16</c>; here they are float32.</param>
/// <param name="Files">The files.</param>
public sealed record ModelSource(
    string Folder, string Architecture, IReadOnlyList<string> Dtypes, IReadOnlyList<ModelSourceFile> Files)
{
    internal static ModelSource Of(string folder, string architecture, IReadOnlyList<string> dtypes, IEnumerable<string> files) => new(
        folder, architecture, dtypes, [.. files.Select(name => new ModelSourceFile(
            name, new FileInfo(Path.Combine(folder, name)).Length, ContentHash.OfFile(Path.Combine(folder, name))))]);
}

/// <summary>A file that was read.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">The hash of its bytes.</param>
public sealed record ModelSourceFile(string Name, long Bytes, string Sha256);
