namespace Habla.Extraction;

/// <summary>The kinds of files, as results and reports name them.</summary>
internal static class Kinds
{
    public const string Text = "text";
    public const string Code = "code";
    public const string Markdown = "markdown";
    public const string Html = "html";
    public const string Epub = "epub";
    public const string Docx = "docx";
    public const string Pptx = "pptx";
    public const string Xlsx = "xlsx";
    public const string Csv = "csv";
    public const string Tsv = "tsv";
    public const string Json = "json";
    public const string JsonLines = "jsonl";
    public const string Pdf = "pdf";
    public const string Image = "image";
    public const string Gzip = "gzip";
    public const string Zip = "zip";
    public const string Tar = "tar";
    public const string Unknown = "unknown";

    /// <summary>Whether a file of this kind is one of bytes with a signature; other kinds are text.</summary>
    public static bool IsBinary(string kind) => kind is Epub or Docx or Pptx or Xlsx or Pdf or Image or Gzip or Zip or Tar;
}
