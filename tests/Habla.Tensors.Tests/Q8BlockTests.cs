using Habla.Tensors.Tests.Kernels;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests;

/// <summary>Blocks of q8_0: what they hold, how far a weight moves, and what is special.</summary>
public class Q8BlockTests
{
    [Fact]
    public void A_block_is_that_of_llama_cpp()
    {
        // max|w| is 127·2⁻⁷ and so δ = 2⁻⁷; halves go away from zero.
        float[] weights = [127f / 128, -1f / 128, 0.5f / 128, -0.5f / 128, 1.5f / 128, 2.5f / 128, 0.49f / 128, 0];
        sbyte[] quantized = new sbyte[8];
        Assert.Equal((Half)(1f / 128), Q8Block.Quantize(weights, quantized));
        Assert.Equal<sbyte>([127, -1, 1, -1, 2, 3, 0, 0], quantized);
    }

    [Fact]
    public void Rows_of_every_length_are_rounded_block_by_block()
    {
        var fuzz = new Fuzz(21);
        foreach (int size in Fuzz.Sizes)
        {
            float[] row = fuzz.Values(size, 0.1f * (1 + fuzz.Below(10))), rounded = new float[size];
            Q8Block.Round(row, rounded);
            Bits.AssertSame(Twin.Stored(WeightFormat.Q8, row, size), rounded, $"{size} weights");
            Q8Block.Round(row, row);
            Bits.AssertSame(rounded, row, $"{size} weights in place");
        }
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(0.02f)]
    [InlineData(300f)]
    [InlineData(0.0079f)]
    public void A_weight_moves_by_less_than_what_the_remarks_say(float scale)
    {
        var fuzz = new Fuzz(22);
        for (int round = 0; round < 300; round++)
        {
            float[] block = fuzz.Values(32, scale), rounded = new float[32];
            block[round % 32] = scale;
            Q8Block.Round(block, rounded);
            Assert.All(block.Zip(rounded), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 0.0045 * scale));
        }
    }

    [Fact]
    public void Zeros_stay_zeros_and_tiny_weights_become_zeros()
    {
        float[] block = [0, -0f, 1e-9f, -1e-9f, 1e-40f], rounded = [1, 1, 1, 1, 1];
        Q8Block.Round(block, rounded);
        Assert.All(rounded, number => Assert.Equal(0, number));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(9e6f)] // 127 times the largest number of binary16 is 8.3 million
    public void What_a_block_cannot_hold_does_not_look_like_a_number(float bad)
    {
        float[] block = [0.5f, bad, -0.25f], rounded = new float[3];
        Q8Block.Round(block, rounded);
        Assert.All(rounded, number => Assert.False(float.IsFinite(number)));
    }

    [Fact]
    public void More_than_a_block_or_less_room_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Q8Block.Quantize(new float[33], new sbyte[33]));
        Assert.Throws<ArgumentException>(() => Q8Block.Quantize(new float[5], new sbyte[4]));
        Assert.Throws<ArgumentException>(() => Q8Block.Round(new float[40], new float[39]));
    }
}
