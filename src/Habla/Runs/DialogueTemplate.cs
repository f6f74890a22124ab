namespace Habla.Runs;

/// <summary>What is written around a line that a person says: <c>{}</c> is the line, and after the rest the model goes on.</summary>
public sealed class DialogueTemplate
{
    private const string Place = "{}";

    /// <summary>Reads a template.</summary>
    /// <param name="text">Any text with one <c>{}</c>, such as <c>Q: {}</c>, a line end and <c>A:</c>.</param>
    /// <exception cref="InvalidInputException">There is not one <c>{}</c>.</exception>
    public DialogueTemplate(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(Place);
        if (parts.Length != 2)
        {
            throw new InvalidInputException(
                $"template: '{text.Replace("\n", "\\n", StringComparison.Ordinal)}' has {parts.Length - 1} places {Place} for what is "
                    + "said; expected one, as in '{}\\n'");
        }

        (Before, After) = (parts[0], parts[1]);
    }

    /// <summary>The line, a line end, and the model's turn.</summary>
    public static DialogueTemplate Plain { get; } = new("{}\n");

    /// <summary>What stands before the line.</summary>
    public string Before { get; }

    /// <summary>What stands after it.</summary>
    public string After { get; }

    /// <summary>
    /// With what the model begins to speak for the person, and its answer ends: a line that begins like the template. Null when the
    /// template begins with the line itself.
    /// </summary>
    public string? StopText => Before.Trim().Length == 0 ? null : "\n" + Before.Trim();

    /// <summary>A line with all around it.</summary>
    /// <param name="line">What is said.</param>
    public string Around(string line) => Before + line + After;
}
