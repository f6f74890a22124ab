namespace Habla.Corpus;

/// <summary>A row and where it was read, so that a message can name the place.</summary>
/// <param name="Row">The row.</param>
/// <param name="File">The file as it was named to the command.</param>
/// <param name="Line">The line, from 1.</param>
public sealed record LocatedRow(CorpusRow Row, string File, int Line)
{
    internal RowProblem Problem(string message) => new(File, Line, Row.Id, message);
}
