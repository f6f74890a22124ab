namespace Habla;

/// <summary>
/// One option has a value that cannot work. The option is named as it stands in a recipe (<c>section.key</c>), so that
/// whoever read it from a file or a command line can add where it came from.
/// </summary>
public sealed class InvalidOptionException : InvalidInputException
{
    /// <summary>Creates the exception; its message is <c>section.key: reason</c>.</summary>
    /// <param name="key">The option as <c>section.key</c>, for example <c>model.n_layer</c>.</param>
    /// <param name="reason">What is wrong with the value and what was expected.</param>
    public InvalidOptionException(string key, string reason)
        : base($"{key}: {reason}")
    {
        Key = key;
        Reason = reason;
    }

    /// <summary>The option as <c>section.key</c>.</summary>
    public string Key { get; }

    /// <summary>What is wrong with the value and what was expected.</summary>
    public string Reason { get; }

    /// <summary>Throws unless a named choice is one of those there are.</summary>
    /// <param name="key">The option as <c>section.key</c>.</param>
    /// <param name="value">What was chosen.</param>
    /// <param name="choices">What there is to choose from.</param>
    /// <exception cref="InvalidOptionException">The value is none of the choices.</exception>
    internal static void ThrowUnlessOneOf(string key, string value, IReadOnlyList<string> choices)
    {
        if (!choices.Contains(value))
        {
            throw new InvalidOptionException(key, $"{value} is not possible; expected one of {string.Join(", ", choices)}");
        }
    }
}
