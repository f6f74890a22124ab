using System.Globalization;

namespace Habla;

/// <summary>
/// The values a numeric option may take. Written once beside the option; its validation, the configuration reader's
/// messages and docs/configuration.md all take the words from here.
/// </summary>
/// <param name="Minimum">The least value.</param>
/// <param name="Maximum">The greatest value; infinity for none.</param>
/// <param name="ExcludeMinimum">Whether the minimum itself is not allowed.</param>
/// <param name="ExcludeMaximum">Whether the maximum itself is not allowed.</param>
internal sealed record OptionRange(
    double Minimum, double Maximum = double.PositiveInfinity, bool ExcludeMinimum = false, bool ExcludeMaximum = false)
{
    /// <summary>Any count from one up to what fits an int.</summary>
    public static OptionRange Positive { get; } = new(1, int.MaxValue);

    /// <summary>Any count from zero up to what fits an int.</summary>
    public static OptionRange ZeroOrMore { get; } = new(0, int.MaxValue);

    /// <summary>Whether a value is possible; NaN and infinity never are.</summary>
    public bool Contains(double value) =>
        double.IsFinite(value)
        && (ExcludeMinimum ? value > Minimum : value >= Minimum)
        && (ExcludeMaximum ? value < Maximum : value <= Maximum);

    /// <summary>Throws unless the value is possible.</summary>
    public void Check(string key, double value, string kind = "a number")
    {
        if (!Contains(value))
        {
            throw new InvalidOptionException(key, $"{Number(value)} is not possible; expected {kind} {this}");
        }
    }

    /// <summary>Throws unless the whole number is possible.</summary>
    public void Check(string key, long value) => Check(key, value, "a whole number");

    /// <summary>In words: "from 0 to 1", "of at least 1", "above 0 and below 1".</summary>
    public override string ToString()
    {
        bool unbounded = double.IsPositiveInfinity(Maximum) || Maximum >= int.MaxValue;
        return (unbounded, ExcludeMinimum, ExcludeMaximum) switch
        {
            (true, true, _) => $"above {Number(Minimum)}",
            (true, false, _) => $"of at least {Number(Minimum)}",
            (false, false, false) => $"from {Number(Minimum)} to {Number(Maximum)}",
            (false, false, true) => $"of at least {Number(Minimum)} and below {Number(Maximum)}",
            (false, true, false) => $"above {Number(Minimum)} and at most {Number(Maximum)}",
            (false, true, true) => $"above {Number(Minimum)} and below {Number(Maximum)}",
        };
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
