namespace Habla.Data;

/// <summary>What became of a file's rows; every row that is not used is counted with the reason.</summary>
/// <param name="RowsRead">Rows in the file.</param>
/// <param name="RowsUsed">Rows that became sequences.</param>
/// <param name="MisConjugatedRows">Rows left out because they are wrong on purpose.</param>
/// <param name="TooLongSentences">Context sentences left out because they are longer than the context.</param>
/// <param name="TruncatedRows">Rows used but cut to the context; their end is lost.</param>
/// <param name="TargetTokens">Tokens to predict, over all sequences.</param>
/// <param name="UnknownTokens">Characters of the rows used that became <c>&lt;unk&gt;</c>.</param>
/// <param name="LongestSequence">Tokens in the longest sequence used, the first and last included.</param>
public sealed record DatasetReport(
    int RowsRead,
    int RowsUsed,
    int MisConjugatedRows,
    int TooLongSentences,
    int TruncatedRows,
    long TargetTokens,
    long UnknownTokens,
    int LongestSequence);
