using System.Globalization;
using Habla.Storage;

namespace Habla.Ingestion;

/// <summary>Gives documents their ids: the first 16 hexadecimal digits of the SHA-256 of source and part, and no id twice.</summary>
internal sealed class DocumentIds
{
    private readonly HashSet<ulong> _given = [];

    /// <summary>
    /// The id of a document. Where a file has two parts of one name, as an archive may, the second has "#2" after it when it is hashed.
    /// </summary>
    public ulong Next(string source, string? part)
    {
        string name = $"{source}\0{part}";
        ulong id = Hash(name);
        for (int again = 2; !_given.Add(id); again++)
        {
            id = Hash(string.Create(CultureInfo.InvariantCulture, $"{name}#{again}"));
        }

        return id;
    }

    public static string Text(ulong id) => id.ToString("x16", CultureInfo.InvariantCulture);

    private static ulong Hash(string name) =>
        ulong.Parse(ContentHash.OfText(name).AsSpan(0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
