using Habla.Extraction;

namespace Habla.Ingestion;

/// <summary>Makes documents of the texts of each file, in order: the last place where one can be dropped.</summary>
internal sealed class DocumentAssembly(DocumentWriter documents, IngestCounts counts, double nearDuplicates)
{
    private readonly DocumentIds _ids = new();
    private readonly DuplicateSearch _duplicates = new(nearDuplicates);
    private readonly List<(ulong Id, string Source, string? Part)> _kept = [];

    public void Add(ReadFile file)
    {
        ExtractionResult result = file.Extracted.Result;
        counts.AddFile(file.File.Source, result);
        foreach (SkippedPart part in result.Skipped)
        {
            counts.AddSkipped(new SkippedSource(file.File.Source, part.Part, part.Kind, part.Reason, part.Detail, part.Count));
        }

        for (int i = 0; i < result.Texts.Count; i++)
        {
            Add(file, result.Texts[i], file.Texts[i]);
        }

        if (result.Texts.Count + result.Skipped.Count == 0)
        {
            counts.AddSkipped(new SkippedSource(file.File.Source, null, result.Kind, SkipReason.Empty, "no text was found in it"));
        }
    }

    private void Add(ReadFile file, ExtractedText text, in PreparedText prepared)
    {
        string source = file.File.Source;
        if (!prepared.LongEnough)
        {
            counts.AddSkipped(new SkippedSource(
                source, text.Part, text.Kind, SkipReason.TooShort, "it has fewer characters than --min-chars asks for"));
        }
        else if (_duplicates.Find(prepared) is var (kept, reason, similarity))
        {
            (ulong id, string of, string? part) = _kept[kept];
            counts.AddDuplicate(new DuplicateDocument(
                source, text.Part, text.Kind, reason, Math.Round(similarity, 3), DocumentIds.Text(id), of, part));
        }
        else
        {
            ulong id = _ids.Next(source, text.Part);
            var document = new Document(
                DocumentIds.Text(id), text.Text, source, text.Kind, text.Part, file.Extracted.Sha256, text.Extractor, prepared.Characters);
            if (WhyNotWritten(document) is { } why)
            {
                counts.AddSkipped(new SkippedSource(source, text.Part, text.Kind, SkipReason.TooLarge, why));
                return;
            }

            _duplicates.Keep(prepared);
            _kept.Add((id, source, text.Part));
            counts.AddDocument(text.Kind, prepared.Characters);
        }
    }

    /// <summary>Writes a document; null when that went well. What one of them does to the writer costs that one and not the run.</summary>
    private string? WhyNotWritten(Document document)
    {
        try
        {
            documents.Write(document);
            return null;
        }
        catch (Exception error) when (OneFile.IsToBlame(error))
        {
            return $"it cannot be written as a document: {OneFile.Words(error)}";
        }
    }
}
