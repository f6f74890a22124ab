using System.Text;

namespace Habla.Tests.Interchange;

/// <summary>A GGUF file read back by the letter of the format, sharing no code with the writer.</summary>
internal sealed class GgufReader
{
    public Dictionary<string, object> Metadata { get; } = [];

    /// <summary>Sizes innermost first, the type's number, and where the numbers begin in the file.</summary>
    public Dictionary<string, (ulong[] Sizes, uint Type, long Place)> Tensors { get; } = [];

    public GgufReader(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path), Encoding.UTF8);
        Assert.Equal("GGUF", Encoding.ASCII.GetString(reader.ReadBytes(4)));
        Assert.Equal(3u, reader.ReadUInt32());
        ulong tensors = reader.ReadUInt64(), entries = reader.ReadUInt64();
        for (ulong i = 0; i < entries; i++)
        {
            Metadata.Add(Text(reader), Value(reader, reader.ReadUInt32()));
        }

        var found = new List<(string Name, ulong[] Sizes, uint Type, ulong Offset)>();
        for (ulong i = 0; i < tensors; i++)
        {
            string name = Text(reader);
            ulong[] sizes = [.. Enumerable.Range(0, (int)reader.ReadUInt32()).Select(_ => reader.ReadUInt64())];
            found.Add((name, sizes, reader.ReadUInt32(), reader.ReadUInt64()));
        }

        long data = (reader.BaseStream.Position + 31) / 32 * 32, end = data;
        foreach ((string name, ulong[] sizes, uint type, ulong offset) in found)
        {
            Assert.Equal(end, data + (long)offset);
            Tensors.Add(name, (sizes, type, end));
            long count = (long)sizes.Aggregate((product, size) => product * size);
            end += ((type switch { 0 => 4 * count, 1 => 2 * count, 8 => count / 32 * 34, _ => throw new InvalidDataException() }) + 31) / 32 * 32;
        }

        Assert.Equal(end, reader.BaseStream.Length);
    }

    private static string Text(BinaryReader reader) => Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadUInt64()));

    private static object Value(BinaryReader reader, uint type) => type switch
    {
        4 => reader.ReadUInt32(),
        5 => reader.ReadInt32(),
        6 => reader.ReadSingle(),
        7 => reader.ReadByte() == 1,
        8 => Text(reader),
        9 => Array(reader),
        _ => throw new InvalidDataException($"a value of type {type}"),
    };

    private static object[] Array(BinaryReader reader)
    {
        uint type = reader.ReadUInt32();
        return [.. Enumerable.Range(0, (int)reader.ReadUInt64()).Select(_ => Value(reader, type))];
    }
}
