using FsCheck;
using FsCheck.Fluent;
using Habla.Checkpoints;

namespace Habla.Tests.Checkpoints;

/// <summary>
/// Files that nobody wrote by hand: each is read whole or refused by that one exception, and costs a small multiple of its length in
/// memory.
/// </summary>
public class SafetensorsFuzzTests
{
    private static readonly byte[][] _sound =
    [
        SafetensorsSamples.TwoTensors(),
        SafetensorsSamples.ByHand(
            """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}""", 12),
        SafetensorsSamples.ByHand(
            """
            { "__metadata__" : { "format" : "pt", "é" : "\u00e9" },
              "x" : { "data_offsets" : [ 4, 10 ], "shape" : [ 3, 1 ], "dtype" : "BF16" },
              "y" : { "shape" : [ 4 ], "dtype" : "U8", "data_offsets" : [ 0, 4 ] },
              "z" : { "dtype" : "F32", "shape" : [ 2, 0 ], "data_offsets" : [ 10, 10 ] } }
            """,
            10),
        SafetensorsSamples.ByHand("""{"__metadata__":{"only":"texts"}}   """, 0),
        ManyTensors(),
    ];

    [Fact]
    public void A_hundred_thousand_wounded_files_end_in_success_or_in_that_one_exception()
    {
        int succeeded = 0;
        Arbitrary<(int Sample, Wound[] Wounds)> files = Arb.From(
            Gen.Choose(0, _sound.Length - 1).Zip(Wound.Some.Generator),
            file => Wound.Some.Shrinker(file.Item2).Select(fewer => (file.Item1, fewer)));

        Prop.ForAll(files, file =>
        {
            if (Fuzzing.Succeeds(Wound.Apply(_sound[file.Sample], file.Wounds), ReadWhole))
                succeeded++;
        }).Check(Fuzzing.Files(100_000, seed: 1));

        // Most wounds have to hurt, or the mutations test nothing; and some must not, or all of them fail at the door.
        Assert.InRange(succeeded, 5_000, 50_000);
    }

    [Fact]
    public void A_file_is_read_exactly_when_its_header_tells_the_truth()
    {
        int succeeded = 0;
        Prop.ForAll(ClaimedFile.Any, file =>
        {
            bool read = Fuzzing.Succeeds(file.ToBytes(), bytes =>
            {
                ReadWhole(bytes);
                using SafetensorsFile opened = SafetensorsSamples.Open(bytes);
                file.AssertReadAs(opened);
            });
            Assert.Equal(file.IsSound, read);
            succeeded += read ? 1 : 0;
        }).Check(Fuzzing.Files(30_000, seed: 2));

        Assert.InRange(succeeded, 5_000, 25_000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(5_000)]
    public void What_a_sound_header_costs_grows_with_its_length_alone(int tensors)
    {
        byte[] file = SafetensorsSamples.ByHand(
            "{" + string.Join(',', Enumerable.Range(0, tensors).Select(i => $$"""
                "{{i}}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}
                """)) + "}",
            0);

        Assert.True(Fuzzing.Succeeds(file, ReadWhole));
    }

    private static byte[] ManyTensors()
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(
            stream,
            [.. Enumerable.Range(0, 12).Select(i => SafetensorsEntry.Of($"blocks.{i}.weight", [i % 3, 2], new float[i % 3 * 2]))],
            new Dictionary<string, string> { ["config"] = """{"layer_count":12,"width":2}""" });
        return stream.ToArray();
    }

    private static void ReadWhole(byte[] file)
    {
        using SafetensorsFile opened = SafetensorsSamples.Open(file);
        Span<float> numbers = stackalloc float[64];
        foreach (SafetensorsTensor tensor in opened.Tensors)
        {
            // No closures and no Assert for each tensor: what is allocated here counts.
            if (tensor.ElementCount > file.Length)
                Assert.Fail($"{tensor.Name} has more numbers than the file has bytes");
            if (tensor.Dtype is SafetensorsDtype.F32 or SafetensorsDtype.F16 or SafetensorsDtype.BF16)
                opened.Read(tensor.Name, numbers[..(int)tensor.ElementCount]);
            else
                AssertNoFloats(opened, tensor);
        }
    }

    private static void AssertNoFloats(SafetensorsFile file, SafetensorsTensor tensor) =>
        Assert.Throws<SafetensorsException>(() => file.Read(tensor.Name, new float[tensor.ElementCount]));
}
