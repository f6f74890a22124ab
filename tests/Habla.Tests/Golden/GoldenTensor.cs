using System.Buffers.Binary;
using System.Text.Json;

namespace Habla.Tests.Golden;

/// <summary>A tensor of a golden file, widened to float64 (which holds float32 and int32 exactly).</summary>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Values">Its numbers, row-major.</param>
public sealed record GoldenTensor(int[] Shape, double[] Values)
{
    public float[] Singles => [.. Values.Select(value => (float)value)];

    public int[] Integers => [.. Values.Select(value => (int)value)];

    public bool[] Flags => [.. Values.Select(value => value != 0)];

    /// <summary>Reads <c>{"dtype", "shape", "data"}</c>, the data being little-endian numbers in base64.</summary>
    public static GoldenTensor Read(JsonElement json)
    {
        string type = json.GetProperty("dtype").GetString()!;
        int[] shape = [.. json.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())];
        byte[] bytes = json.GetProperty("data").GetBytesFromBase64();
        int width = type == "float64" ? 8 : 4;
        double[] values = new double[bytes.Length / width];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> number = bytes.AsSpan(i * width, width);
            values[i] = type switch
            {
                "float64" => BinaryPrimitives.ReadDoubleLittleEndian(number),
                "float32" => BinaryPrimitives.ReadSingleLittleEndian(number),
                "int32" => BinaryPrimitives.ReadInt32LittleEndian(number),
                _ => throw new InvalidDataException($"a golden tensor of type {type}"),
            };
        }

        Assert.Equal(shape.Aggregate(1, (product, size) => product * size), values.Length);
        return new GoldenTensor(shape, values);
    }

    /// <summary>Reads an object whose values are tensors.</summary>
    public static IReadOnlyDictionary<string, GoldenTensor> ReadAll(JsonElement json) =>
        json.EnumerateObject().ToDictionary(entry => entry.Name, entry => Read(entry.Value));

    /// <summary>Opens a JSON file of tests/golden, wherever in the repository the tests run.</summary>
    public static JsonDocument Open(string name)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Habla.slnx")))
        {
            folder = folder.Parent;
        }

        Assert.True(folder is not null, $"no Habla.slnx above {AppContext.BaseDirectory}: the golden files cannot be found");
        return JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder!.FullName, "tests", "golden", name)));
    }
}
