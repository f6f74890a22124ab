using System.Buffers.Binary;
using Habla.Checkpoints;

namespace Habla.Tests.Checkpoints;

public class SafetensorsHostileFileTests
{
    private const string Good =
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""";

    [Theory]
    [InlineData("{", "not the JSON")]
    [InlineData("[]", "does not begin with {")]
    [InlineData(" {}", "does not begin with {")]
    [InlineData("{} x", "not the JSON")]
    [InlineData("{}{}", "not the JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,12]}}""", "not the JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12],}}""", "not the JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[[[[3]]]],"data_offsets":[0,12]}}""", "not the JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""",
        "tensor a: it stands in the header twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"\u0061":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""",
        "tensor a: it stands in the header twice")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "tensor a: its dtype stands there twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"shape":[3],"data_offsets":[0,12]}}""", "tensor a: its shape stands there twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12],"data_offsets":[0,12]}}""",
        "tensor a: its data_offsets stands there twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""",
        "tensor b: its bytes, from 4 on, overlap those of tensor a")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"b":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}""",
        "overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""",
        "tensor b: between tensor a and its bytes is a hole from 4 to 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", "hole from 0 to 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "4 bytes after the last tensor belong to none")]
    [InlineData("{}", "12 bytes after the last tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "tensor a: its data_offsets [0, "
        + "16] reach past the file's 12 bytes")]
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
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}""", "tensor a: [2] × F32 takes 8 bytes, its data_offsets [0, "
        + "12] give 12")]
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
    [InlineData("""{"__metadata__":{"x":"1","x":"2"},"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""",
        "__metadata__ x stands there twice")]
    [InlineData("""{"__metadata__":{},"__metadata__":{},"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""",
        "__metadata__ stands in the header twice")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "no valid Unicode")]
    [InlineData("""{"a":{"dtype":"F32","shape":[Infinity],"data_offsets":[0,12]}}""", "not the JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,-Infinity]}}""", "not the JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[03],"data_offsets":[0,12]}}""", "not the JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[+3],"data_offsets":[0,12]}}""", "not the JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0x3],"data_offsets":[0,12]}}""", "not the JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]/* of 12 */}}""", "not the JSON")]
    [InlineData("""{'a':{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "not the JSON")]
    [InlineData("""null""", "does not begin with {")]
    [InlineData("\"{}\"", "does not begin with {")]
    [InlineData("        ", "does not begin with {")]
    [InlineData("", "does not begin with {")]
    [InlineData("\0\0\0\0", "does not begin with {")]
    [InlineData("{}\0\0", "not the JSON")]
    [InlineData("""{"__metadata__":{"x":"1","\u0078":"2"},"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""",
        "__metadata__ x stands there twice")]
    [InlineData("""{"__metadata__":{},"\u005f_metadata__":{},"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""",
        "__metadata__ stands in the header twice")]
    [InlineData("""{"a":{"dtype":"F32","\u0064type":"F32","shape":[3],"data_offsets":[0,12]}}""", "tensor a: its dtype stands there twice")]
    [InlineData("""{"__metadata__":{"x":null},"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "__metadata__ x has to be a text")]
    [InlineData("""{"__metadata__":{"x":["1"]},"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""",
        "__metadata__ x has to be a text")]
    [InlineData("""{"__metadata__":[],"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "__metadata__ has to be an object")]
    [InlineData("""{"__metadata__":null,"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "__metadata__ has to be an object")]
    [InlineData("""{"a":null}""", "has to be an object")]
    [InlineData("""{"a":{}}""", "tensor a: it has no dtype")]
    [InlineData("""{"a":{"dtype":null,"shape":[3],"data_offsets":[0,12]}}""", "dtype has to be a text")]
    [InlineData("""{"a":{"dtype":"f32","shape":[3],"data_offsets":[0,12]}}""", "its dtype f32 is none of")]
    [InlineData("""{"a":{"dtype":"F4","shape":[24],"data_offsets":[0,12]}}""", "its dtype F4 is none of")]
    [InlineData("""{"a":{"dtype":"F6_E2M3","shape":[16],"data_offsets":[0,12]}}""", "its dtype F6_E2M3 is none of")]
    [InlineData("""{"a":{"dtype":"U1","shape":[96],"data_offsets":[0,12]}}""", "its dtype U1 is none of")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[-0,12]}}""", "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3.0],"data_offsets":[0,12]}}""", "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[true],"data_offsets":[0,12]}}""", "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,18446744073709551628]}}""", "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[]}}""", "two numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":null}}""", "list of whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":{"0":0,"1":12}}}""", "list of whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387907],"data_offsets":[0,12]}}""", "more numbers than can be counted")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", "more numbers than can be counted")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0,4611686018427387904,4],"data_offsets":[0,0]}}""", "more numbers than can be counted")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,0],"data_offsets":[0,0]}}""", "more numbers than can be counted")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"b":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""",
        "tensor b: its bytes, from 0 on, overlap those of tensor a")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"b":{"dtype":"F32","shape":[0],"data_offsets":[13,13]}}""",
        "reach past")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,12]}}""", "[0] × F32 takes 0 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"b":{"dtype":"F32","shape":[0],"data_offsets":[4,4]},"c":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", "tensor b: its bytes, from 4 on, overlap those of tensor a")]
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
    public void Tensors_without_numbers_may_stand_between_others_and_at_both_ends()
    {
        using SafetensorsFile file = SafetensorsSamples.Open(SafetensorsSamples.ByHand(
            """
            {"d":{"dtype":"F32","shape":[0],"data_offsets":[12,12]},"a":{"dtype":"I64","shape":[0],"data_offsets":[0,0]},
            "b":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"c":{"dtype":"F32","shape":[2,0,5],"data_offsets":[12,12]}}
            """,
            12));

        Assert.Equal(["a", "b", "c", "d"], file.Tensors.Select(tensor => tensor.Name));
        file.Read("c", []);
    }

    [Theory]
    [InlineData(new byte[] { 0xC3, 0x28 })]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 0xC0, 0xAF })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })]
    public void Bytes_that_are_no_text_are_refused(byte[] name)
    {
        byte[] header = [.. "{\""u8, .. name, .. "\":{}}"u8];

        var error = Assert.Throws<SafetensorsException>(() => SafetensorsSamples.Open(SafetensorsSamples.ByHand(header, 0)));

        Assert.Contains("not UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, (byte)'{', (byte)'}' })]
    [InlineData(new byte[] { 0xFF, 0xFE, (byte)'{', 0, (byte)'}', 0 })]
    public void A_byte_order_mark_is_refused(byte[] header)
    {
        var error = Assert.Throws<SafetensorsException>(() => SafetensorsSamples.Open(SafetensorsSamples.ByHand(header, 0)));

        Assert.Contains("does not begin with {", error.Message, StringComparison.Ordinal);
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

    [Theory]
    [InlineData("{\"a\":", "[")]
    [InlineData("", "{\"a\":")]
    [InlineData("{\"__metadata__\":{\"x\":", "[")]
    public void A_nesting_of_a_hundred_thousand_is_refused_early(string before, string level)
    {
        byte[] file = SafetensorsSamples.ByHand(before + string.Concat(Enumerable.Repeat(level, 100_000)), 0);
        long allocated = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<SafetensorsException>(() => SafetensorsSamples.Open(file));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, file.Length + (1 << 20));
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
}
