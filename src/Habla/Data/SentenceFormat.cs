namespace Habla.Data;

/// <summary>How a pair of sentences is written as one line of text, the form in which the model sees it.</summary>
public static class SentenceFormat
{
    /// <summary>A whole line: "es:yo camino / en:I walk"; the English alone when there is no Spanish.</summary>
    /// <param name="spanish">The Spanish, or null.</param>
    /// <param name="english">The English.</param>
    public static string Line(string? spanish, string english) => spanish is null ? english : Prompt(spanish) + english;

    /// <summary>The line up to where the English begins: "es:yo camino / en:".</summary>
    /// <param name="spanish">The Spanish.</param>
    public static string Prompt(string spanish) => $"es:{spanish} / en:";
}
