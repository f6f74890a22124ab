using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Habla.Extraction;

/// <summary>Makes extractors, and names what they are made of.</summary>
public static class Extractors
{
    /// <summary>Goes up whenever the same file may give another text than before.</summary>
    private const int Version = 2;

    /// <summary>What text, source code and archives are read by.</summary>
    internal static string TextName { get; } = $"habla {Version}";

    /// <summary>An extractor for files of every kind that is known. Several threads may use it at the same time.</summary>
    /// <param name="options">What is read, and how much it may take.</param>
    /// <param name="worker">
    /// Starts a process that takes files apart; null to do that in this process, where a hostile file can hang it or take all memory.
    /// </param>
    /// <exception cref="InvalidInputException">An option is out of its range.</exception>
    public static FileExtractor Create(ExtractionOptions options, WorkerCommand? worker)
    {
        ArgumentNullException.ThrowIfNull(options);
        Validate(options);
        return new FileExtractor(options, worker, new Programs(options));
    }

    /// <summary>What a result depends on.</summary>
    internal static IEnumerable<string> Describe(ExtractionOptions options, Programs programs) =>
        [TextName, .. Libraries(), .. programs.Versions(), JsonSerializer.Serialize(options, Storage.JsonFormat.Line)];

    /// <summary>A library with its version, such as <c>Markdig 1.4.1</c>.</summary>
    internal static string Library(string name, Type type)
    {
        Assembly assembly = type.Assembly;
        string? version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+', '-')[0];
        return string.Create(CultureInfo.InvariantCulture, $"{name} {version ?? assembly.GetName().Version?.ToString(3)}");
    }

    private static string[] Libraries() =>
    [
        HtmlText.Library, OfficeFile.Library, Library("Markdig", typeof(Markdig.Markdown)),
        Library("CsvHelper", typeof(CsvHelper.CsvReader)),
        Library("System.Text.Json", typeof(JsonDocument)),
    ];

    private static void Validate(ExtractionOptions options)
    {
        Require(options.MaxBytes >= 1, $"the largest file must have at least 1 byte, and not {options.MaxBytes}");
        Require(options.MaxBytes <= Array.MaxLength,
            $"the largest file may have at most {Array.MaxLength} bytes, and not {options.MaxBytes}");
        Require(options.TimeLimit > TimeSpan.Zero && options.TimeLimit <= TimeSpan.FromDays(1),
            $"the time limit must be above 0 seconds and at most a day, and not {options.TimeLimit}");
        Require(options.MemoryLimitMb >= 128, $"the memory limit must be at least 128 MiB, and not {options.MemoryLimitMb}");
        Require(options.JsonField.Length > 0, "the JSON field needs a name, such as text or message.text");
        Require(options.OcrLanguage.Length > 0
            && options.OcrLanguage.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '+'),
            $"the language of OCR is named like eng, spa or eng+spa, and not '{options.OcrLanguage}'");
    }

    private static void Require(bool isRight, string problem)
    {
        if (!isRight)
        {
            throw new InvalidInputException(problem);
        }
    }
}
