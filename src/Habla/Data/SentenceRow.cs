namespace Habla.Data;

/// <summary>What sequences need of a row of a JSON Lines file.</summary>
/// <param name="LineNumber">The line it stands on, from 1.</param>
/// <param name="Id">The row's id, or "" when it has none.</param>
/// <param name="Text">The English, or the whole text.</param>
/// <param name="Spanish">The Spanish; null when the row has none.</param>
/// <param name="Label">"correct", or what is wrong with the row; a row without a label is correct.</param>
public sealed record SentenceRow(int LineNumber, string Id, string Text, string? Spanish, string Label)
{
    /// <summary>The row as one line of text.</summary>
    public string Line => SentenceFormat.Line(Spanish, Text);

    /// <summary>Whether this is correct language.</summary>
    public bool IsCorrect => Label == "correct";

    /// <summary>Whether the row is a sentence around a verb form rather than a form alone.</summary>
    public bool IsContextSentence => Id.StartsWith("context/", StringComparison.Ordinal);
}
