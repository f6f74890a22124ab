using Habla.Tensors.Kernels;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Kernels;

/// <summary>16-bit numbers: every pattern, and many float32 numbers, against one number at a time.</summary>
public unsafe class SixteenBitsTests
{
    public static TheoryData<ActivationFormat> Formats() => new() { ActivationFormat.BFloat16, ActivationFormat.Float16 };

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_pattern_is_the_number_it_stands_for_and_comes_back(ActivationFormat format)
    {
        ushort[] patterns = [.. Enumerable.Range(0, 1 << 16).Select(i => (ushort)i)];
        float[] numbers = Widen(format, patterns);
        ushort[] back = Round(format, numbers);
        for (int i = 0; i < patterns.Length; i++)
        {
            float expected = WidenTwin(format, patterns[i]);
            if (float.IsNaN(expected))
            {
                Assert.True(float.IsNaN(numbers[i]), $"pattern {i:x4}");
                Assert.True(float.IsNaN(WidenTwin(format, back[i])), $"pattern {i:x4}");
                Assert.Equal(float.IsNegative(expected), float.IsNegative(numbers[i]));
            }
            else
            {
                Bits.AssertSame(expected, numbers[i], $"pattern {i:x4}");
                Assert.Equal(patterns[i], back[i]);
            }
        }
    }

    /// <summary>Each 16-bit number, what lies half-way to the next, and the float32 numbers beside both.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void Numbers_between_two_patterns_go_to_the_nearest_and_of_two_to_the_even(ActivationFormat format)
    {
        var numbers = new List<float>();
        for (int pattern = 0; pattern < 0x7FFF; pattern++)
        {
            float low = WidenTwin(format, (ushort)pattern), high = WidenTwin(format, (ushort)(pattern + 1));
            if (float.IsFinite(low))
            {
                high = float.IsFinite(high) ? high : format == ActivationFormat.Float16 ? 65536f : float.MaxValue;
                float middle = (low / 2) + (high / 2);
                float[] around =
                [
                    low, float.BitIncrement(low), float.BitDecrement(middle), middle, float.BitIncrement(middle), float.BitDecrement(high),
                ];
                numbers.AddRange(around);
                numbers.AddRange(around.Select(number => -number));
            }
        }

        AssertRounds(format, [.. numbers]);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Numbers_of_every_size_and_special_ones_have_the_bits_of_one_at_a_time(ActivationFormat format)
    {
        AssertRounds(format, [.. Enumerable.Range(0, 1 << 20).Select(i => BitConverter.UInt32BitsToSingle((uint)i * 4_099u))]);
        AssertRounds(format, [.. Enumerable.Range(0, 1 << 16).Select(i => BitConverter.UInt32BitsToSingle((uint)i))]); // denormals
        AssertRounds(format, new Fuzz(11).WithSpecials(10_000, 1e-4f));
        AssertRounds(format, new Fuzz(12).WithSpecials(10_000, 1e5f));
        AssertRounds(format,
        [
            float.NaN, -float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue, 0f, -0f, 65504f,
            65519.996f, 65520f, 65536f, 1e-8f, -1e-8f, 2.9802322e-8f, 2.9802326e-8f, float.Epsilon,
            BitConverter.UInt32BitsToSingle(0x7F80_0001),
        ]);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Any_length_alignment_and_threads_change_nothing_and_touch_nothing_beside(ActivationFormat format)
    {
        var fuzz = new Fuzz(13);
        foreach (int count in (int[])[.. Fuzz.Sizes, 40_003])
        {
            float[] numbers = fuzz.WithSpecials(count, 3);
            ushort[] expected = [.. numbers.Select(number => RoundTwin(format, number))];
            float[] values = [.. expected.Select(pattern => WidenTwin(format, pattern))];
            using GuardedFloats source = new(numbers, fuzz.Offset()), stored = fuzz.Empty((count + 1) / 2), widened = fuzz.Empty(count);
            SixteenBits.Round(format, source.Pointer, (ushort*)stored.Pointer, count, fuzz.Pool());
            Assert.Equal(expected, new ReadOnlySpan<ushort>(stored.Pointer, count).ToArray());
            stored.AssertGuarded($"{count} rounded");
            SixteenBits.Widen(format, (ushort*)stored.Pointer, widened.Pointer, count, fuzz.Pool());
            widened.AssertHolds(values, $"{count} widened");
            SixteenBits.RoundInPlace(format, source.Pointer, count, fuzz.Pool());
            source.AssertHolds(values, $"{count} in place");
        }
    }

    [Fact]
    public void Float32_numbers_stay_as_they_are()
    {
        float[] numbers = new Fuzz(14).WithSpecials(100), copy = new float[100];
        fixed (float* from = numbers, to = copy)
        {
            SixteenBits.RoundNumbers(ActivationFormat.Float32, from, to, 100);
            Bits.AssertSame(numbers, copy, $"copied");
            SixteenBits.RoundInPlace(ActivationFormat.Float32, from, 100, Fuzz.Pool(1));
            Bits.AssertSame(copy, numbers, $"in place");
        }
    }

    private static void AssertRounds(ActivationFormat format, float[] numbers)
    {
        ushort[] found = Round(format, numbers);
        for (int i = 0; i < numbers.Length; i++)
        {
            ushort expected = RoundTwin(format, numbers[i]);
            uint bits = BitConverter.SingleToUInt32Bits(numbers[i]);
            Assert.True(expected == found[i], $"{numbers[i]:R} ({bits:x8}): {expected:x4} expected, {found[i]:x4} found");
        }
    }

    private static ushort RoundTwin(ActivationFormat format, float number) =>
        format == ActivationFormat.BFloat16 ? Twin.RoundToBFloat16(number) : Twin.RoundToFloat16(number);

    private static float WidenTwin(ActivationFormat format, ushort pattern) =>
        format == ActivationFormat.BFloat16 ? Twin.WidenBFloat16(pattern) : Twin.WidenFloat16(pattern);

    private static ushort[] Round(ActivationFormat format, float[] numbers)
    {
        ushort[] stored = new ushort[numbers.Length];
        fixed (float* from = numbers)
        fixed (ushort* to = stored)
        {
            SixteenBits.Round(format, from, to, numbers.Length);
        }

        return stored;
    }

    private static float[] Widen(ActivationFormat format, ushort[] patterns)
    {
        float[] numbers = new float[patterns.Length];
        fixed (ushort* from = patterns)
        fixed (float* to = numbers)
        {
            SixteenBits.Widen(format, from, to, patterns.Length);
        }

        return numbers;
    }
}
