using System.Buffers.Binary;
using Habla.Checkpoints;

namespace Habla.Tests.Checkpoints;

/// <summary>float16 and bfloat16 come in exactly, and go out rounded to the nearest.</summary>
public sealed class SafetensorsSixteenBitTests
{
    [Theory]
    [InlineData("F16")]
    [InlineData("BF16")]
    public void Each_of_the_65536_patterns_is_read_as_what_it_is(string dtype)
    {
        byte[] file = SafetensorsSamples.ByHand(
            """{"h":{"dtype":"DTYPE","shape":[256,256],"data_offsets":[0,131072]}}""".Replace("DTYPE", dtype, StringComparison.Ordinal), 131072);
        for (int bits = 0; bits < 65536; bits++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(file.Length - 131072 + (2 * bits)), (ushort)bits);
        }

        using SafetensorsFile opened = SafetensorsSamples.Open(file);
        float[] numbers = new float[65536];
        opened.Read("h", numbers);
        for (int bits = 0; bits < 65536; bits++)
        {
            float expected = dtype == "F16"
                ? (float)BitConverter.UInt16BitsToHalf((ushort)bits)
                : BitConverter.UInt32BitsToSingle((uint)bits << 16);
            Assert.Equal(BitConverter.SingleToUInt32Bits(expected), BitConverter.SingleToUInt32Bits(numbers[bits]));
        }
    }

    [Fact]
    public void A_tensor_of_more_numbers_than_are_read_at_once_is_whole()
    {
        float[] numbers = [.. Enumerable.Range(0, 2_200_001).Select(i => (float)(i % 2048))];
        using SafetensorsFile file = Written(SafetensorsDtype.F16, numbers);
        float[] found = new float[numbers.Length];
        file.Read("t", found);
        Assert.True(numbers.AsSpan().SequenceEqual(found));
    }

    [Theory]
    [InlineData(1.00390625f, 1f)] // a tie between 1 and 1.0078125, down to the even one
    [InlineData(1.01171875f, 1.015625f)] // a tie, up to the even one
    [InlineData(1.004f, 1.0078125f)]
    [InlineData(-3.39e38f, -3.3895314e38f)]
    [InlineData(3.4028235e38f, float.PositiveInfinity)]
    [InlineData(float.NaN, float.NaN)]
    public void Bfloat16_is_rounded_to_the_nearest(float number, float expected)
    {
        using SafetensorsFile file = Written(SafetensorsDtype.BF16, [number]);
        float[] found = new float[1];
        file.Read("t", found);
        Assert.Equal(expected, found[0]);
    }

    [Fact]
    public void Whole_numbers_are_not_written() => Assert.Contains(
        "I32 is not F32, F16 or BF16", Assert.Throws<ArgumentException>(() => Written(SafetensorsDtype.I32, [1])).Message,
        StringComparison.Ordinal);

    private static SafetensorsFile Written(SafetensorsDtype dtype, float[] numbers)
    {
        var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, [new SafetensorsEntry("t", [numbers.Length], () => numbers, dtype)]);
        SafetensorsFile file = SafetensorsFile.Open(stream, "written");
        Assert.Equal(dtype, file["t"].Dtype);
        return file;
    }
}
