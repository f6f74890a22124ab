using System.Globalization;
using System.Text.RegularExpressions;
using DocumentFormat.OpenXml.Spreadsheet;

namespace Habla.Extraction;

/// <summary>
/// How a workbook shows numbers. Dates and percentages are followed, since the bare number would mean nothing; other formats are not: a
/// currency's sign and the number of places are left out.
/// </summary>
internal sealed partial class CellFormats
{
    private readonly string[] _byStyle;
    private readonly bool _from1904;

    /// <param name="styles">The workbook's styles; null when it has none.</param>
    /// <param name="from1904">Whether its dates count from 1904 and not from 1900.</param>
    public CellFormats(Stylesheet? styles, bool from1904)
    {
        _from1904 = from1904;
        var own = new Dictionary<uint, string>();
        foreach (NumberingFormat format in styles?.NumberingFormats?.Elements<NumberingFormat>() ?? [])
        {
            own[format.NumberFormatId?.Value ?? 0] = format.FormatCode?.Value ?? "";
        }

        _byStyle = [.. (styles?.CellFormats?.Elements<CellFormat>() ?? []).Select(format =>
            format.NumberFormatId?.Value is { } id ? own.GetValueOrDefault(id) ?? BuiltIn(id) : "")];
    }

    /// <summary>A number as its cell shows it.</summary>
    /// <param name="value">The number as it is stored.</param>
    /// <param name="style">The cell's style.</param>
    public string Show(string value, uint? style)
    {
        if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
        {
            return value;
        }

        string shown = Furniture().Replace(style < _byStyle.Length ? _byStyle[(int)style] : "", "").Split(';')[0];
        string format = Literals().Replace(shown, "");
        if (format.Contains('%', StringComparison.Ordinal))
        {
            int places = format.Contains('.', StringComparison.Ordinal) ? format.Split('.')[1].Count(letter => letter == '0') : 0;
            return number.ToString("P" + places.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
                .Replace(" ", "", StringComparison.Ordinal);
        }

        return Dates().IsMatch(format) ? ShowDate(number, shown) : number.ToString("G15", CultureInfo.InvariantCulture);
    }

    /// <summary>Day and time as the format orders them; a format that cannot be followed gives year, month and day.</summary>
    private string ShowDate(double number, string format)
    {
        // Excel holds 1900 for a leap year: its day 60 never was, and days before it are one further on.
        double days = _from1904 ? number + 1462 : number < 60 ? number + 1 : number;
        if (days is < 0 or > 2958465 || format.Contains('[', StringComparison.Ordinal))
        {
            return number.ToString("G15", CultureInfo.InvariantCulture);
        }

        // Excel rounds to the last place shown, and its numbers fall short of a second by a breath.
        DateTime date = DateTime.FromOADate(Math.Round(days * 86400) / 86400);
        string net = Tokens().Replace(format, token => Token(token.Value, format, token.Index));
        try
        {
            return date.ToString(net.Length == 1 ? "%" + net : net, CultureInfo.InvariantCulture).Trim();
        }
        catch (FormatException)
        {
            return date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        }
    }

    /// <summary>"m" is the month, except after hours and before seconds, where it is the minute.</summary>
    private static string Token(string token, string format, int at)
    {
        char letter = char.ToLowerInvariant(token[0]);
        bool isMinute = letter == 'm' && token.Length <= 2
            && (AfterHours().IsMatch(format[..at]) || BeforeSeconds().IsMatch(format[(at + token.Length)..]));
        return letter switch
        {
            'a' => "tt",
            'h' => new string(Halves().IsMatch(format) ? 'h' : 'H', Math.Min(token.Length, 2)),
            'm' => new string(isMinute ? 'm' : 'M', Math.Min(token.Length, 4)),
            'y' => token.Length <= 2 ? "yy" : "yyyy",
            'd' => new string('d', Math.Min(token.Length, 4)),
            's' => new string('s', Math.Min(token.Length, 2)),
            _ => "'" + token.Trim('"', '\\').Replace("'", "", StringComparison.Ordinal) + "'",
        };
    }

    private static string BuiltIn(uint id) => id switch
    {
        9 => "0%",
        10 => "0.00%",
        14 => "yyyy-mm-dd",
        15 => "d-mmm-yy",
        16 => "d-mmm",
        17 => "mmm-yy",
        18 => "h:mm AM/PM",
        19 => "h:mm:ss AM/PM",
        20 => "h:mm",
        21 => "h:mm:ss",
        22 => "yyyy-mm-dd h:mm",
        45 => "mm:ss",
        47 => "mm:ss",
        _ => "",
    };

    /// <summary>Colours, languages and blanks; a pair of brackets with h, m or s is elapsed time and stays.</summary>
    [GeneratedRegex(@"_.|\*.|\[(?![hms]+\])[^\]]*\]|@", RegexOptions.IgnoreCase)]
    private static partial Regex Furniture();

    /// <summary>Text that stands in the format as it is.</summary>
    [GeneratedRegex(@"""[^""]*""|\\.")]
    private static partial Regex Literals();

    [GeneratedRegex("[ymdhs]", RegexOptions.IgnoreCase)]
    private static partial Regex Dates();

    [GeneratedRegex(@"""[^""]*""|\\.|AM/PM|A/P|y+|m+|d+|h+|s+|.", RegexOptions.IgnoreCase)]
    private static partial Regex Tokens();

    [GeneratedRegex("AM/PM|A/P", RegexOptions.IgnoreCase)]
    private static partial Regex Halves();

    [GeneratedRegex("h[^a-z]*$", RegexOptions.IgnoreCase)]
    private static partial Regex AfterHours();

    [GeneratedRegex("^[^a-z]*s", RegexOptions.IgnoreCase)]
    private static partial Regex BeforeSeconds();
}
