using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Habla.Checkpoints;

namespace Habla.Tests.Checkpoints;

public class SafetensorsRoundTripTests
{
    [Fact]
    public void What_is_written_is_read_back()
    {
        using SafetensorsFile file = SafetensorsSamples.Open(SafetensorsSamples.TwoTensors());

        Assert.Equal(["tok.weight", "norm.bias"], file.Tensors.Select(tensor => tensor.Name));
        Assert.Equal([2L, 3L], file.Expect("tok.weight", 2, 3).Shape);
        float[] numbers = new float[6];
        file.Read("tok.weight", numbers);
        Assert.Equal([0, 1, 2, 3, 4, 5], numbers);
        float[] bias = new float[2];
        file.Read("norm.bias", bias);
        Assert.Equal([-1, 0.5f], bias);
        Assert.Equal("minigpt", file.Metadata["family"]);
        Assert.Equal(2, file.Metadata.Count);
    }

    [Fact]
    public void The_bytes_are_the_published_format()
    {
        const string header =
            "{\"__metadata__\":{\"family\":\"minigpt\",\"version\":\"1\"},"
            + "\"tok.weight\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
            + "\"norm.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[24,32]}}";
        byte[] file = SafetensorsSamples.TwoTensors();

        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        Assert.Equal(0, length % 8);
        Assert.Equal(header.PadRight(length), Encoding.ASCII.GetString(file, 8, length));
        Assert.Equal(8 + length + 32, file.Length);
        Assert.Equal(0.5f, BinaryPrimitives.ReadSingleLittleEndian(file.AsSpan(file.Length - 4)));
    }

    [Fact]
    public void A_file_is_written_whole_and_twice_the_same()
    {
        string folder = Directory.CreateTempSubdirectory("habla-safetensors-").FullName;
        try
        {
            string path = Path.Combine(folder, "deep", "weights.safetensors");
            SafetensorsEntry[] tensors = [SafetensorsEntry.Of("w", [3], new float[] { 1, 2, 3 })];
            SafetensorsWriter.Write(path, tensors);
            byte[] first = File.ReadAllBytes(path);
            SafetensorsWriter.Write(path, tensors);

            Assert.Equal(first, File.ReadAllBytes(path));
            Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
            using SafetensorsFile file = SafetensorsFile.Open(path);
            Assert.Empty(file.Metadata);
            Assert.Equal(3, file["w"].ElementCount);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Every_bit_survives_and_an_independent_reader_agrees() =>
        Prop.ForAll<(NonNull<string> Name, uint[] Bits)[]>(drawn =>
        {
            // Bits rather than floats: NaN payloads, infinities and negative zero have to survive too.
            var tensors = drawn
                .Select((tensor, index) =>
                    (Name: $"{index}.{tensor.Name.Get}", Numbers: (tensor.Bits ?? []).Select(BitConverter.UInt32BitsToSingle).ToArray()))
                .Where(tensor => !tensor.Name.Any(char.IsSurrogate))
                .ToList();
            using var stream = new MemoryStream();
            SafetensorsWriter.Write(
                stream, [.. tensors.Select(tensor => SafetensorsEntry.Of(tensor.Name, [tensor.Numbers.Length], tensor.Numbers))]);
            byte[] bytes = stream.ToArray();

            using SafetensorsFile file = SafetensorsSamples.Open(bytes);
            Dictionary<string, uint[]> independent = ReadByHand(bytes);
            return independent.Count == tensors.Count && tensors.TrueForAll(tensor =>
            {
                float[] numbers = new float[tensor.Numbers.Length];
                file.Read(tensor.Name, numbers);
                return Bits(numbers).SequenceEqual(Bits(tensor.Numbers)) && independent[tensor.Name].SequenceEqual(Bits(tensor.Numbers));
            });
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Single_numbers_and_empty_tensors_are_tensors()
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(
            stream, [SafetensorsEntry.Of("one", [], new float[] { 7 }), SafetensorsEntry.Of("none", [0, 5], Array.Empty<float>())]);
        using SafetensorsFile file = SafetensorsSamples.Open(stream.ToArray());

        float[] one = new float[1];
        file.Read("one", one);
        Assert.Equal(7, one[0]);
        Assert.Equal(0, file.Expect("none", 0, 5).ElementCount);
        file.Read("none", []);
    }

    [Fact]
    public void The_writer_refuses_two_tensors_of_one_name_and_shapes_that_do_not_fit()
    {
        float[] numbers = [1, 2];
        SafetensorsEntry sound = SafetensorsEntry.Of("w", [2], numbers);

        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(Stream.Null, [sound, sound]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(Stream.Null, [SafetensorsEntry.Of("w", [3], numbers)]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(Stream.Null, [SafetensorsEntry.Of("__metadata__", [2], numbers)]));
    }

    /// <summary>A second reader, written from the published description and nothing else.</summary>
    private static Dictionary<string, uint[]> ReadByHand(byte[] file)
    {
        int headerLength = (int)BitConverter.ToUInt64(file, 0);
        using JsonDocument header = JsonDocument.Parse(file.AsMemory(8, headerLength));
        var tensors = new Dictionary<string, uint[]>();
        foreach (JsonProperty entry in header.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__"))
        {
            Assert.Equal("F32", entry.Value.GetProperty("dtype").GetString());
            int begin = entry.Value.GetProperty("data_offsets")[0].GetInt32();
            int end = entry.Value.GetProperty("data_offsets")[1].GetInt32();
            uint[] numbers = new uint[(end - begin) / 4];
            for (int i = 0; i < numbers.Length; i++)
                numbers[i] = BitConverter.ToUInt32(file, 8 + headerLength + begin + (4 * i));
            tensors.Add(entry.Name, numbers);
        }

        return tensors;
    }

    private static IEnumerable<uint> Bits(float[] numbers) => numbers.Select(BitConverter.SingleToUInt32Bits);
}
