using System.Xml;
using DocumentFormat.OpenXml.Packaging;

namespace Habla.Extraction;

/// <summary>Opens Office documents for reading, after making sure that none unpacks to more than the limit.</summary>
internal static class OfficeFile
{
    /// <summary>The library that takes them apart, with its version.</summary>
    public static string Library { get; } = Extractors.Library("OpenXml", typeof(OpenXmlPackage));

    /// <summary>Opens a document and reads it.</summary>
    /// <typeparam name="T">Which sort of document it is.</typeparam>
    /// <param name="source">The document.</param>
    /// <param name="reading">Has the limits.</param>
    /// <param name="open">Opens it for reading only.</param>
    /// <param name="read">Reads it.</param>
    /// <exception cref="SkipException">It cannot be read.</exception>
    public static void Read<T>(SourceContent source, FileReading reading, Func<Stream, T> open, Action<T> read)
        where T : OpenXmlPackage
    {
        using Stream stream = source.OpenRead();
        try
        {
            Unpacking.RequireHarmless(stream, reading);
            using T document = open(stream);
            read(document);
        }
        catch (Exception error) when (error is OpenXmlPackageException or XmlException or InvalidDataException
            or FormatException or UriFormatException)
        {
            throw new SkipException(SkipReason.Broken, $"the document is broken: {OneLine.Of(error)}");
        }
    }
}
