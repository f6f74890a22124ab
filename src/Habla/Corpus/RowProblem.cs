namespace Habla.Corpus;

/// <summary>Something wrong with a row, and where to find it.</summary>
/// <param name="File">The file as it was named to the command.</param>
/// <param name="Line">The line, from 1; 0 when the problem is of the file as a whole.</param>
/// <param name="Id">The row's id; empty when it has none or the problem is of the file as a whole.</param>
/// <param name="Message">What is wrong and what was expected.</param>
public sealed record RowProblem(string File, int Line, string Id, string Message)
{
    /// <summary>"file:line: row 'id': message", without the parts that are not known.</summary>
    public override string ToString() =>
        File + (Line > 0 ? $":{Line}" : "") + (Id.Length > 0 ? $": row '{Id}'" : "") + $": {Message}";
}
