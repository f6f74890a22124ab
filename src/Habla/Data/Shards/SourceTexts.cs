using Habla.Extraction;
using Habla.Ingestion;

namespace Habla.Data.Shards;

/// <summary>Reads what shards are made of: documents of <c>habla ingest</c>, and text files.</summary>
public static class SourceTexts
{
    /// <summary>
    /// Reads files one after another, as they are asked for: of a folder that <c>habla ingest</c> wrote, of <c>.jsonl</c> and
    /// <c>.jsonl.gz</c> each document, of any other file its whole text as one document, whose id is the path. A document's id here is its
    /// own, its source, and after # the part of it, such as <c>0123456789abcdef book.pdf#page 3</c>.
    /// </summary>
    /// <param name="paths">The files and folders.</param>
    /// <exception cref="InvalidInputException">A file cannot be read, or is not what its name says.</exception>
    public static IEnumerable<SourceText> Read(IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return paths.Select(DocumentFile.InFolder).SelectMany(path => HoldsDocuments(path)
            ? DocumentFile.Read(path).Select(document => new SourceText(IdOf(document), document.Text, SourceOf(document)))
            : [new SourceText(path, TextFile.Read(path), path)]);
    }

    private static bool HoldsDocuments(string path) =>
        path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".jsonl.gz", StringComparison.OrdinalIgnoreCase);

    private static string IdOf(Document document) =>
        $"{document.Id} {document.Source}{(document.Part is { } part ? "#" + part : "")}";

    /// <summary>
    /// Pages, slides, chapters and sheets have their file in common, in an archive the member; records of JSON have nothing, since a
    /// corpus in one file could not be split otherwise.
    /// </summary>
    private static string? SourceOf(Document document) => document.Kind is Kinds.Json or Kinds.JsonLines
        ? null
        : $"{document.Sha256} {document.Source}{(PartName.FileOf(document.Part) is { } member ? "#" + member : "")}";
}
