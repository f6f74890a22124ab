using Habla.Evaluation;

namespace Habla.Tests.Evaluation;

public class NumberRoundingTests
{
    [Theory]
    [InlineData(1f, 1f)]
    [InlineData(1.00390625f, 1f)] // 1 + 2^-8, half way: down to the even 1
    [InlineData(1.01171875f, 1.015625f)] // 1 + 3 · 2^-8, half way: up to the even 1 + 2^-6
    [InlineData(1.0039064f, 1.0078125f)] // just above half way
    [InlineData(-1.01171875f, -1.015625f)]
    [InlineData(1e-45f, 0f)]
    [InlineData(3.4028235e38f, float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity, float.NegativeInfinity)]
    [InlineData(float.NaN, float.NaN)]
    public void Bfloat16_takes_the_nearest_and_the_even_one_of_two(float value, float expected) =>
        Assert.Equal(expected, NumberRounding.Bfloat16(value));

    [Theory]
    [InlineData(1.00048828125f, 1f)] // 1 + 2^-11, half way: down to the even 1
    [InlineData(1.00146484375f, 1.001953125f)] // 1 + 3 · 2^-11: up to the even one
    [InlineData(65519.996f, 65504f)]
    [InlineData(65520f, float.PositiveInfinity)]
    [InlineData(2.9802322e-8f, 0f)] // half of the least number
    [InlineData(-0f, -0f)]
    [InlineData(float.NaN, float.NaN)]
    public void Half_takes_the_nearest_and_the_even_one_of_two(float value, float expected) =>
        Assert.Equal(expected, NumberRounding.Half(value));

    [Fact]
    public void What_is_a_bfloat16_or_half_already_stays()
    {
        for (uint bits = 0; bits <= ushort.MaxValue; bits++)
        {
            float wide = BitConverter.UInt32BitsToSingle(bits << 16), half = (float)BitConverter.UInt16BitsToHalf((ushort)bits);
            Assert.Equal(wide, NumberRounding.Bfloat16(wide));
            Assert.Equal(half, NumberRounding.Half(half));
        }
    }

    [Fact]
    public void Nothing_is_nearer_than_what_bfloat16_takes()
    {
        for (uint bits = 0x30000001; bits < 0x50000000; bits += 70_001)
        {
            float value = BitConverter.UInt32BitsToSingle(bits), found = NumberRounding.Bfloat16(value);
            float below = BitConverter.UInt32BitsToSingle(bits & 0xffff0000),
                above = BitConverter.UInt32BitsToSingle((bits & 0xffff0000) + 0x10000);
            Assert.Equal(Math.Min((double)value - below, (double)above - value), Math.Abs((double)value - found));
        }
    }

    [Fact]
    public void Each_type_has_its_cast()
    {
        Assert.Equal(NumberRounding.Half(0.1f), NumberRounding.Of(DriftType.Fp16)(0.1f));
        Assert.Equal(NumberRounding.Bfloat16(0.1f), NumberRounding.Of(DriftType.Bf16)(0.1f));
        Assert.Throws<ArgumentOutOfRangeException>(() => NumberRounding.Of((DriftType)7));
    }
}
