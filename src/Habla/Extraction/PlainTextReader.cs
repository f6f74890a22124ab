namespace Habla.Extraction;

/// <summary>Plain text and source code, as they are.</summary>
internal sealed class PlainTextReader : IKindReader
{
    public void Read(SourceContent source, string kind, string? part, FileReading reading) =>
        reading.Add(reading.Decode(source.Bytes()), kind, part, Extractors.TextName);
}
