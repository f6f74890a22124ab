namespace Habla.Checkpoints;

/// <summary>How the number formats are called in a file and how many bytes a number of each takes.</summary>
internal static class SafetensorsDtypeNames
{
    private static readonly (string Name, SafetensorsDtype Dtype, int Bytes)[] Table =
    [
        ("BOOL", SafetensorsDtype.Bool, 1),
        ("U8", SafetensorsDtype.U8, 1),
        ("I8", SafetensorsDtype.I8, 1),
        ("F8_E5M2", SafetensorsDtype.F8E5M2, 1),
        ("F8_E4M3", SafetensorsDtype.F8E4M3, 1),
        ("I16", SafetensorsDtype.I16, 2),
        ("U16", SafetensorsDtype.U16, 2),
        ("F16", SafetensorsDtype.F16, 2),
        ("BF16", SafetensorsDtype.BF16, 2),
        ("I32", SafetensorsDtype.I32, 4),
        ("U32", SafetensorsDtype.U32, 4),
        ("F32", SafetensorsDtype.F32, 4),
        ("I64", SafetensorsDtype.I64, 8),
        ("U64", SafetensorsDtype.U64, 8),
        ("F64", SafetensorsDtype.F64, 8),
    ];

    public static string[] Each { get; } = [.. Table.Select(row => row.Name)];

    public static string All { get; } = string.Join(", ", Each);

    public static bool TryParse(string name, out SafetensorsDtype dtype)
    {
        foreach (var row in Table)
        {
            if (row.Name == name)
            {
                dtype = row.Dtype;
                return true;
            }
        }

        dtype = default;
        return false;
    }

    public static string NameOf(SafetensorsDtype dtype) => Array.Find(Table, row => row.Dtype == dtype).Name;

    public static int BytesOf(SafetensorsDtype dtype) => Array.Find(Table, row => row.Dtype == dtype).Bytes;
}
