using System.Globalization;
using System.Text.Json;

namespace Habla.Configuration;

/// <summary>A type of option: how it is read from text, written as text, and described to a person.</summary>
/// <typeparam name="T">The option's type.</typeparam>
/// <param name="Expected">What a value must be, as it stands after "expected".</param>
/// <param name="TryRead">The value, or false when the text cannot be one.</param>
/// <param name="Write">The value as YAML.</param>
/// <param name="Choices">The possible values when they are few and named; otherwise empty.</param>
internal sealed record OptionKind<T>(
    string Expected, OptionKind<T>.Reader TryRead, Func<T, string> Write, params IReadOnlyList<string> Choices)
{
    /// <summary>Whether a value is a list, as YAML in one piece of text.</summary>
    public bool IsList { get; init; }

    /// <summary>Reads a value.</summary>
    public delegate bool Reader(OptionText text, out T value);
}

/// <summary>The types of options there are.</summary>
internal static class OptionKind
{
    private static readonly CultureInfo _culture = CultureInfo.InvariantCulture;

    /// <summary>A 32-bit whole number in a range.</summary>
    public static OptionKind<int> WholeNumber(OptionRange range) => new(
        $"a whole number {range}",
        (text, out value) => TryReadWhole(text, range, out value),
        value => value.ToString(_culture));

    /// <summary>A 32-bit whole number in a range, or null.</summary>
    public static OptionKind<int?> OptionalWholeNumber(OptionRange range) => new(
        $"a whole number {range}, or null",
        (text, out value) =>
        {
            value = TryReadWhole(text, range, out int number) ? number : null;
            return value is not null || text.IsNull;
        },
        value => value?.ToString(_culture) ?? "null");

    /// <summary>A 64-bit seed.</summary>
    public static OptionKind<ulong> Seed { get; } = new(
        "a whole number from 0 to 18446744073709551615",
        (text, out value) =>
        {
            value = 0;
            return !text.IsQuoted && ulong.TryParse(text.Text, NumberStyles.None, _culture, out value);
        },
        value => value.ToString(_culture));

    /// <summary>A number in a range.</summary>
    public static OptionKind<double> Number(OptionRange range) => new(
        $"a number {range}",
        (text, out value) =>
        {
            value = 0;
            return !text.IsQuoted && double.TryParse(text.Text, NumberStyles.Float, _culture, out value) && range.Contains(value);
        },
        WriteNumber);

    /// <summary>True or false.</summary>
    public static OptionKind<bool> Flag { get; } = new(
        "true or false",
        (text, out value) =>
        {
            value = text is { IsQuoted: false, Text: "true" };
            return value || text is { IsQuoted: false, Text: "false" };
        },
        value => value ? "true" : "false",
        "true", "false");

    /// <summary>One of an enumeration's names, in snake_case.</summary>
    public static OptionKind<TEnum> Choice<TEnum>()
        where TEnum : struct, Enum
    {
        string[] names = [.. Enum.GetNames<TEnum>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];
        TEnum[] values = Enum.GetValues<TEnum>();
        return new(
            InWords(names),
            (text, out value) =>
            {
                int index = Array.IndexOf(names, text.Text);
                value = index < 0 ? default : values[index];
                return index >= 0;
            },
            value => names[Array.IndexOf(values, value)],
            names);
    }

    /// <summary>One of a few names.</summary>
    public static OptionKind<string> Choice(params IReadOnlyList<string> names) => new(
        InWords(names),
        (text, out value) =>
        {
            value = text.Text;
            return names.Contains(text.Text);
        },
        value => value,
        names);

    /// <summary>Any text but none.</summary>
    public static OptionKind<string> Text(string expected) => new(
        expected,
        (text, out value) =>
        {
            value = text.Text;
            return !text.IsNull && text.Text.Length > 0;
        },
        WriteText);

    /// <summary>Any text, or null.</summary>
    public static OptionKind<string?> OptionalText(string expected) => new(
        expected + ", or null",
        (text, out value) =>
        {
            value = text.IsNull ? null : text.Text;
            return value is null or { Length: > 0 };
        },
        value => value is null ? "null" : WriteText(value));

    private static bool TryReadWhole(OptionText text, OptionRange range, out int value)
    {
        value = 0;
        return !text.IsQuoted
            && int.TryParse(text.Text, NumberStyles.AllowLeadingSign, _culture, out value)
            && range.Contains(value);
    }

    private static string InWords(IReadOnlyList<string> names) =>
        names.Count == 1 ? names[0] : string.Join(", ", names.SkipLast(1)) + " or " + names[^1];

    // The shortest digits that read back as the same double, with exponents as people write them: 3e-05 as 3e-5.
    internal static string WriteNumber(double value)
    {
        string digits = value.ToString("R", _culture).ToLowerInvariant();
        return digits.Replace("e-0", "e-", StringComparison.Ordinal).Replace("e+0", "e+", StringComparison.Ordinal);
    }

    // Plain where YAML cannot misread it, otherwise in double quotes.
    internal static string WriteText(string value)
    {
        bool isPlain = value.Length > 0
            && char.IsAsciiLetter(value[0])
            && value.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.' or '/')
            && !new OptionText(value).IsNull;
        return isPlain ? value : $"\"{string.Concat(value.Select(Escaped))}\"";
    }

    private static string Escaped(char letter) => letter switch
    {
        '"' => "\\\"",
        '\\' => @"\\",
        _ when char.IsControl(letter) || letter is '\u2028' or '\u2029' or '\ufeff' => $"\\u{(int)letter:x4}",
        _ => letter.ToString(),
    };
}
