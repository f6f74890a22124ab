namespace Habla.Extraction;

/// <summary>A limit of the whole file was reached; that is told already, and nothing more of the file is read.</summary>
internal sealed class EndOfReadingException() : Exception("a limit of the whole file was reached");
