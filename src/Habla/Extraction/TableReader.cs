using System.Text;
using CsvHelper;

namespace Habla.Extraction;

/// <summary>
/// Tables as text: a line a row, a tab between cells. Quotes are taken off;
/// a line end or a tab within a cell becomes a space.
/// </summary>
internal sealed class TableReader : IKindReader
{
    private static readonly string s_name = Extractors.Library("CsvHelper", typeof(CsvReader));

    public void Read(SourceContent source, string kind, string? part, FileReading reading)
    {
        // Without a separator the library finds it among comma, semicolon, tab and bar in the first lines.
        var options = new CsvReaderOptions { HasHeader = false, Separator = kind == Kinds.Tsv ? '\t' : null };
        using CsvReader table = CsvReader.FromText(reading.Decode(source.Bytes()), options);
        var rows = new StringBuilder();
        while (table.Read())
        {
            reading.Stop.ThrowIfCancellationRequested();
            rows.AppendJoin('\t', Enumerable.Range(0, table.FieldCount).Select(cell => OneLineOf(table.GetString(cell)))).Append('\n');
        }

        reading.Add(rows.ToString(), kind, part, s_name);
    }

    /// <summary>A cell as a part of a line.</summary>
    public static string OneLineOf(string cell) =>
        cell.AsSpan().ContainsAny('\n', '\t') ? cell.Trim().Replace('\n', ' ').Replace('\t', ' ') : cell;
}
