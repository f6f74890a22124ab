using Markdig;

namespace Habla.Extraction;

/// <summary>
/// Markdown without its marks, in reading order. It goes through HTML, which Markdown may hold anyway: one set of rules lays out both.
/// </summary>
internal sealed class MarkdownReader : IKindReader
{
    // Front matter is about the text and no part of it: it is taken off and not written.
    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder()
        .UseYamlFrontMatter().UsePipeTables().UseGridTables().UseFootnotes().UseTaskLists()
            .UseDefinitionLists().UseEmphasisExtras().Build();

    private static readonly string s_name = Extractors.Library("Markdig", typeof(Markdown));

    public void Read(SourceContent source, string kind, string? part, FileReading reading) => reading.Add(
        HtmlText.Of(Markdown.ToHtml(reading.Decode(source.Bytes()), s_pipeline), reading.Options.MaxBytes, reading.Stop),
        kind, part, s_name);
}
