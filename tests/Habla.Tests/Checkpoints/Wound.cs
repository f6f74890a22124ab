using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace Habla.Tests.Checkpoints;

/// <summary>
/// What is done to a sound safetensors file; those from <see cref="Number"/> on know its structure and keep the header's length true.
/// </summary>
public enum WoundKind
{
    Bit, Byte, Removal, End, Insertion, Copy, HeaderLength, FittingHeaderLength,
    Number, NumberNearby, NumberCopied, Text, TextCopied, Token, TokenRemoved, TokenRepeated, MemberRepeated,
}

/// <summary>One change of a file, given by two numbers that are taken modulo what there is, so that it fits any file.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Place">Where; at least 0.</param>
/// <param name="Choice">With what; at least 0.</param>
public sealed partial record Wound(WoundKind Kind, int Place, int Choice)
{
    private const int LengthBytes = sizeof(ulong);

    private static readonly string[] _numbers =
    [
        "0", "1", "2", "3", "4", "8", "12", "16", "64", "255", "65536", "2147483647", "2147483648", "4294967295", "4294967296",
        "1073741824", "4611686018427387904", "9223372036854775807", "9223372036854775808", "18446744073709551615",
        "18446744073709551616", "99999999999999999999999", "-0", "-1", "-8", "-9223372036854775808", "0.0", "4.0", "1e1", "1e999", "1E-400",
        "NaN", "Infinity", "-Infinity", "null", "true", "\"8\"", "[]", "[8]", "{}", "00", "0x8", "+8", "8.", ".8",
    ];

    private static readonly string[] _texts =
    [
        "\"\"", "\"a\"", "\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"__metadata__\"", "\"\\u005f_metadata__\"", "\"\\u0064type\"",
        "\"BOOL\"", "\"U8\"", "\"F16\"", "\"BF16\"", "\"F32\"", "\"F64\"", "\"F8_E4M3\"", "\"F4\"", "\"f32\"", "\"\\ud800\"", "\"\\u0000\"",
        "\"\\q\"", "\"\u00E9\"", "\"\u00C3\u00A9\"", "\"\u00FF\"", "\"\n\"", "null", "0", "{}", "[]", "\"" + new string('x', 300) + "\"",
    ];

    private static readonly string[] _tokens =
        ["{", "}", "[", "]", ",", ":", " ", "\n", "\0", "\"", "\\", "null", "/**/", "[[[[", "{\"a\":"];

    private static readonly ulong[] _lengths =
    [
        0, 1, 2, 7, 8, 9, 99_999_999, 100_000_000, 100_000_001, int.MaxValue, 1ul << 31, uint.MaxValue, 1ul << 32, long.MaxValue, 1ul << 63,
        ulong.MaxValue - 7, ulong.MaxValue,
    ];

    /// <summary>One to four wounds; a failure is told with as few as it takes.</summary>
    public static Arbitrary<Wound[]> Some { get; } = SomeOf(Enum.GetValues<WoundKind>());

    /// <summary>The same of some kinds alone.</summary>
    public static Arbitrary<Wound[]> SomeOf(params WoundKind[] kinds)
    {
        Gen<Wound> one = from kind in Gen.Elements(kinds)
                         from place in Gen.Choose(0, 1_000_000)
                         from choice in Gen.Choose(0, 1_000_000)
                         select new Wound(kind, place, choice);
        return Arb.From(Gen.Choose(1, 4).SelectMany(count => one.ArrayOf(count)), Fewer);
    }

    /// <summary>A file after all its wounds.</summary>
    public static byte[] Apply(byte[] sound, IEnumerable<Wound> wounds) =>
        wounds.Aggregate(sound, (file, wound) => wound.Apply(file));

    /// <summary>A text after all its wounds, of which those that know the structure take the whole text for the header.</summary>
    public static string Apply(string sound, IEnumerable<Wound> wounds) =>
        wounds.Aggregate(sound, (text, wound) => wound.ApplyToHeader(text));

    private static IEnumerable<Wound[]> Fewer(Wound[] wounds) =>
        wounds.Length < 2 ? [] : wounds.Select((_, left) => wounds.Where((_, index) => index != left).ToArray());

    private byte[] Apply(byte[] file)
    {
        if (Kind >= WoundKind.Number)
        {
            if (file.Length < LengthBytes)
                return file;
            ulong announced = BinaryPrimitives.ReadUInt64LittleEndian(file);
            int length = (int)Math.Min(announced, (ulong)(file.Length - LengthBytes));

            // A letter a byte, so that every byte survives.
            byte[] header = Encoding.Latin1.GetBytes(ApplyToHeader(Encoding.Latin1.GetString(file, LengthBytes, length)));
            byte[] result = [.. new byte[LengthBytes], .. header, .. file.AsSpan(LengthBytes + length)];
            BinaryPrimitives.WriteUInt64LittleEndian(result, (ulong)header.Length);
            return result;
        }

        int at = file.Length == 0 ? 0 : Place % file.Length;
        int some = Math.Min(file.Length - at, 1 + (Choice % 16));
        byte[] copy = [.. file];
        switch (Kind)
        {
            case WoundKind.Bit when copy.Length > 0:
                copy[at] ^= (byte)(1 << (Choice % 8));
                return copy;
            case WoundKind.Byte when copy.Length > 0:
                copy[at] = (byte)Choice;
                return copy;
            case WoundKind.Removal:
                return [.. file.AsSpan(0, at), .. file.AsSpan(at + some)];
            case WoundKind.End:
                return Choice % 2 == 0 ? file[..at] : [.. file, .. new byte[1 + (Choice % 9)]];
            case WoundKind.Insertion:
                return [.. file.AsSpan(0, at), .. Encoding.Latin1.GetBytes(_tokens[Choice % _tokens.Length]), .. file.AsSpan(at)];
            case WoundKind.Copy:
                int to = Choice % (file.Length + 1);
                return [.. file.AsSpan(0, to), .. file.AsSpan(at, some), .. file.AsSpan(to)];
            case WoundKind.HeaderLength when copy.Length >= LengthBytes:
                ulong near = BinaryPrimitives.ReadUInt64LittleEndian(file) + (ulong)(Place % 33) - 16;
                BinaryPrimitives.WriteUInt64LittleEndian(copy, Place % 2 == 0 ? near : _lengths[Choice % _lengths.Length]);
                return copy;
            case WoundKind.FittingHeaderLength when copy.Length >= LengthBytes:
                // As if the wounds before had been in the header: what it grew by belongs to it.
                int close = Array.LastIndexOf(copy, (byte)'}');
                BinaryPrimitives.WriteUInt64LittleEndian(copy, (ulong)Math.Max(0, close + 1 - LengthBytes));
                return copy;
            default:
                return copy;
        }
    }

    private string ApplyToHeader(string header) => Kind switch
    {
        WoundKind.Number => Replace(header, Numbers(), _ => _numbers[Choice % _numbers.Length]),
        WoundKind.NumberNearby => Replace(header, Numbers(), number => Nearby(number, (Choice % 17) - 8)),
        WoundKind.NumberCopied => Replace(header, Numbers(), _ => Pick(header, Numbers())),
        WoundKind.Text => Replace(header, Texts(), _ => _texts[Choice % _texts.Length]),
        WoundKind.TextCopied => Replace(header, Texts(), _ => Pick(header, Texts())),
        WoundKind.Token => Replace(header, Tokens(), _ => _tokens[Choice % _tokens.Length]),
        WoundKind.TokenRemoved => Replace(header, Tokens(), _ => ""),
        WoundKind.TokenRepeated => Replace(header, Tokens(), token => token + token),
        WoundKind.MemberRepeated => Replace(header, Members(), member => $"{member},{Pick(header, Members())}"),
        _ => header,
    };

    private string Replace(string header, Regex what, Func<string, string> with)
    {
        MatchCollection found = what.Matches(header);
        if (found.Count == 0)
            return header;
        Match match = found[Place % found.Count];
        return header[..match.Index] + with(match.Value) + header[(match.Index + match.Length)..];
    }

    private string Pick(string header, Regex what)
    {
        MatchCollection found = what.Matches(header);
        return found.Count == 0 ? "" : found[Choice % found.Count].Value;
    }

    private static string Nearby(string number, int by) => long.TryParse(number, CultureInfo.InvariantCulture, out long value)
        ? unchecked(value + by).ToString(CultureInfo.InvariantCulture)
        : number;

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Numbers();

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex Texts();

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"|[0-9]+|[A-Za-z]+|[{}\\[\\],:]")]
    private static partial Regex Tokens();

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\":(?:\\{[^{}]*\\}|\\[[^\\[\\]]*\\]|\"(?:[^\"\\\\]|\\\\.)*\")")]
    private static partial Regex Members();
}
