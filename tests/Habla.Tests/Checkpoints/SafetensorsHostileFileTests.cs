using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Habla.Checkpoints;
using Habla.Tensors;

namespace Habla.Tests.Checkpoints;

public class SafetensorsHostileFileTests
{
    private const string Good = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""";

    [Theory]
    [InlineData("{", "not the JSON")]
    [InlineData("[]", "does not begin with {")]
    [InlineData(" {}", "does not begin with {")]
    [InlineData("{} x", "not the JSON")]
    [InlineData("{}{}", "not the JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,12]}}""", "not the JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12],}}""", "not the JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[[[[3]]]],"data_offsets":[0,12]}}""", "not the JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "tensor a: it stands in the header twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"\u0061":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""", "tensor a: it stands in the header twice")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "tensor a: its dtype stands there twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"shape":[3],"data_offsets":[0,12]}}""", "tensor a: its shape stands there twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12],"data_offsets":[0,12]}}""", "tensor a: its data_offsets stands there twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", "tensor b: its bytes, from 4 on, overlap those of tensor a")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"b":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}""", "overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", "tensor b: between tensor a and its bytes is a hole from 4 to 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", "hole from 0 to 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "4 bytes after the last tensor belong to none")]
    [InlineData("{}", "12 bytes after the last tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "tensor a: its data_offsets [0, 16] reach past the file's 12 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[9223372036854775800,9223372036854775807]}}""", "reach past")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[12,0]}}""", "tensor a: its data_offsets run backwards")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12,12]}}""", "more than 2")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0]}}""", "two numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[-12,0]}}""", "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,1.2e1]}}""", "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,99999999999999999999]}}""", "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":"0,12"}}""", "list of whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-3],"data_offsets":[0,12]}}""", "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":["3"],"data_offsets":[0,12]}}""", "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":3,"data_offsets":[0,12]}}""", "list of whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":null,"data_offsets":[0,12]}}""", "list of whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,12]}}""", "more numbers than can be counted")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,12]}}""", "more numbers than can be counted")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4,0],"data_offsets":[0,0]}}""", "more numbers than can be counted")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}""", "tensor a: [2] × F32 takes 8 bytes, its data_offsets [0, 12] give 12")]
    [InlineData("""{"a":{"dtype":"F16","shape":[3],"data_offsets":[0,12]}}""", "[3] × F16 takes 6 bytes")]
    [InlineData("""{"a":{"dtype":"F99","shape":[3],"data_offsets":[0,12]}}""", "tensor a: its dtype F99 is none of BOOL,")]
    [InlineData("""{"a":{"dtype":32,"shape":[3],"data_offsets":[0,12]}}""", "dtype has to be a text")]
    [InlineData("""{"a":{"shape":[3],"data_offsets":[0,12]}}""", "tensor a: it has no dtype")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,12]}}""", "tensor a: it has no shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3]}}""", "tensor a: it has no data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12],"code":"import os"}}""", "its key code is none of")]
    [InlineData("""{"a":[]}""", "has to be an object")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"__metadata__":{"x":1}}""", "__metadata__ x has to be a text")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"__metadata__":{"x":{}}}""", "__metadata__ x has to be a text")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"__metadata__":"x"}""", "__metadata__ has to be an object")]
    [InlineData("""{"__metadata__":{"x":"1","x":"2"},"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "__metadata__ x stands there twice")]
    [InlineData("""{"__metadata__":{},"__metadata__":{},"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "__metadata__ stands in the header twice")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "no valid Unicode")]
    public void A_header_that_lies_is_refused_with_what_is_wrong(string header, string expected)
    {
        var error = Assert.Throws<SafetensorsException>(() => SafetensorsSamples.Open(SafetensorsSamples.ByHand(header, 12)));

        Assert.StartsWith("sample.safetensors: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_headers_that_the_others_were_made_from_are_sound()
    {
        SafetensorsSamples.Open(SafetensorsSamples.ByHand(Good, 12)).Dispose();
        SafetensorsSamples.Open(SafetensorsSamples.ByHand("{}   ", 0)).Dispose();
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        byte[] header = [.. "{\""u8, 0xC3, 0x28, .. "\":{}}"u8];

        var error = Assert.Throws<SafetensorsException>(() => SafetensorsSamples.Open(SafetensorsSamples.ByHand(header, 0)));

        Assert.Contains("not UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_file_cut_short_or_lengthened_is_refused()
    {
        byte[] file = SafetensorsSamples.TwoTensors();
        for (int length = 0; length < file.Length; length++)
            Assert.Throws<SafetensorsException>(() => SafetensorsSamples.Open(file[..length]));
        Assert.Throws<SafetensorsException>(() => SafetensorsSamples.Open([.. file, 0]));
    }

    [Theory]
    [InlineData(100_000_001ul, "more than the 100000000 that are allowed")]
    [InlineData(ulong.MaxValue, "more than the 100000000 that are allowed")]
    [InlineData(1ul << 63, "more than the 100000000 that are allowed")]
    [InlineData(99_999_999ul, "but only 4 follow")]
    public void An_oversized_header_is_refused_before_anything_is_allocated(ulong announced, string expected)
    {
        byte[] file = new byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(file, announced);
        long before = GC.GetAllocatedBytesForCurrentThread();

        var error = Assert.Throws<SafetensorsException>(() => SafetensorsSamples.Open(file));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shape_of_a_million_dimensions_is_refused_early()
    {
        string ones = string.Join(',', Enumerable.Repeat("1", 1_000_000));
        byte[] file = SafetensorsSamples.ByHand("{\"a\":{\"dtype\":\"F32\",\"shape\":[" + ones + "],\"data_offsets\":[0,4]}}", 4);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<SafetensorsException>(() => SafetensorsSamples.Open(file));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, file.Length + (1 << 20));
    }

    [Fact]
    public void Names_out_of_a_file_cannot_steer_the_terminal_or_flood_it()
    {
        string name = @"\u001b[2J" + new string('x', 100_000);
        byte[] file = SafetensorsSamples.ByHand("{\"" + name + "\":{\"dtype\":\"?\",\"shape\":[],\"data_offsets\":[0,4]}}", 4);

        var error = Assert.Throws<SafetensorsException>(() => SafetensorsSamples.Open(file));

        Assert.DoesNotContain('\u001b', error.Message);
        Assert.InRange(error.Message.Length, 1, 500);
    }

    [Fact]
    public void Twenty_thousand_mutated_files_end_in_success_or_in_that_one_exception()
    {
        byte[] sound = SafetensorsSamples.TwoTensors();
        int refused = 0;
        for (uint round = 0; round < 20_000; round++)
        {
            byte[] file = Mutated(sound, new SeededRandom(2024, RandomPurpose.Corpus, round));
            try
            {
                using SafetensorsFile opened = SafetensorsSamples.Open(file);
                foreach (SafetensorsTensor tensor in opened.Tensors)
                    opened.Read(tensor.Name, new float[tensor.ElementCount]);
            }
            catch (SafetensorsException)
            {
                refused++;
            }
        }

        // Most wounds have to hurt, or the mutations test nothing; flips in the data alone do not.
        Assert.InRange(refused, 10_000, 19_999);
    }

    /// <summary>One to four wounds: a flipped bit, a changed digit, a cut, an insertion, a token copied elsewhere.</summary>
    private static byte[] Mutated(byte[] sound, SeededRandom random)
    {
        string[] tokens = ["\"", "{", "}", "[", "]", ",", ":", "-1", "1e9", "9223372036854775807", "null", "\"dtype\"", "\"__metadata__\"", "\\u0000", "é", "0"];
        var file = new List<byte>(sound);
        ulong draw = 0;
        int wounds = 1 + random.Below(draw++, 4);
        for (int wound = 0; wound < wounds && file.Count > 0; wound++)
        {
            int at = random.Below(draw++, file.Count);
            switch (random.Below(draw++, 6))
            {
                case 0:
                    file[at] ^= (byte)(1 << random.Below(draw++, 8));
                    break;
                case 1:
                    int digit = file.FindIndex(at, letter => letter is >= (byte)'0' and <= (byte)'9');
                    if (digit >= 0)
                        file[digit] = (byte)('0' + random.Below(draw++, 10));
                    break;
                case 2:
                    file.RemoveRange(at, Math.Min(file.Count - at, 1 + random.Below(draw++, 16)));
                    break;
                case 3:
                    file.InsertRange(at, Encoding.UTF8.GetBytes(tokens[random.Below(draw++, tokens.Length)]));
                    break;
                case 4:
                    int length = Math.Min(file.Count - at, 1 + random.Below(draw++, 60));
                    file.InsertRange(random.Below(draw++, file.Count), file.GetRange(at, length));
                    break;
                default:
                    // A header length made to fit, so that the wounds above reach the parser.
                    if (file.Count >= 40)
                        BinaryPrimitives.WriteUInt64LittleEndian(CollectionsMarshal.AsSpan(file), (ulong)file.Count - 40);
                    break;
            }
        }

        return [.. file];
    }
}
