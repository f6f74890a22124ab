namespace Habla;

/// <summary>
/// Something the user gave us (a file, a row, a configuration key, an option) cannot be used. The message says what was
/// wrong, where, and what to do about it; the command line prints it and exits with code 2, leaving everything untouched.
/// </summary>
public class InvalidInputException : Exception
{
    /// <summary>Creates the exception with a message for the user.</summary>
    /// <param name="message">What was wrong, where (file, line, key), and the next thing to do.</param>
    public InvalidInputException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message for the user and the failure beneath it.</summary>
    /// <param name="message">What was wrong, where (file, line, key), and the next thing to do.</param>
    /// <param name="innerException">The failure that was found first.</param>
    public InvalidInputException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
