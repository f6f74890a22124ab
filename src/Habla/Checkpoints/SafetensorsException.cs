using System.Text;

namespace Habla.Checkpoints;

/// <summary>
/// A safetensors file cannot be used: it is damaged, hostile, or not the file that was asked for. The message names the file,
/// the tensor where there is one, what was found, and what to do.
/// </summary>
public sealed class SafetensorsException : InvalidInputException
{
    internal const string GetItAgain = "The file is damaged or is no safetensors file; get it again from where it came.";

    private const int LongestNameShown = 100;

    /// <summary>Creates the exception.</summary>
    /// <param name="file">The file's path as the user gave it.</param>
    /// <param name="tensor">The tensor's name, or null when the fault belongs to the whole file.</param>
    /// <param name="problem">What was found and what was expected.</param>
    /// <param name="advice">The next thing to do; null for "get it again".</param>
    /// <param name="innerException">The failure beneath it, if any.</param>
    public SafetensorsException(
        string file, string? tensor, string problem, string? advice = null, Exception? innerException = null)
        : base(Describe(file, tensor, problem, advice), innerException!)
    {
        FilePath = file;
        TensorName = tensor;
    }

    /// <summary>The file's path as the user gave it.</summary>
    public string FilePath { get; }

    /// <summary>The tensor's name as it stands in the file, or null when the fault belongs to the whole file.</summary>
    public string? TensorName { get; }

    /// <summary>
    /// A name or value out of a file as it may be shown: shortened, and without control characters that would steer a terminal.
    /// </summary>
    internal static string Show(string text)
    {
        var shown = new StringBuilder(Math.Min(text.Length, LongestNameShown) + 3);
        foreach (char letter in text.AsSpan(0, Math.Min(text.Length, LongestNameShown)))
        {
            bool harmless = !char.IsControl(letter) && !char.IsSurrogate(letter)
                && char.GetUnicodeCategory(letter) != System.Globalization.UnicodeCategory.Format;
            shown.Append(harmless ? letter : '?');
        }

        return text.Length > LongestNameShown ? shown.Append("...").ToString() : shown.ToString();
    }

    private static string Describe(string file, string? tensor, string problem, string? advice) =>
        tensor is null
            ? $"{file}: {problem}. {advice ?? GetItAgain}"
            : $"{file}: tensor {Show(tensor)}: {problem}. {advice ?? GetItAgain}";
}
