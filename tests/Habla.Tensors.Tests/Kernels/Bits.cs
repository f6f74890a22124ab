namespace Habla.Tensors.Tests.Kernels;

/// <summary>Equality to the last bit: it tells 0 from −0. One NaN is as good as another, since IEEE 754 leaves their bits open.</summary>
internal static class Bits
{
    public static bool Same(float a, float b) =>
        BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b) || (float.IsNaN(a) && float.IsNaN(b));

    /// <summary>Fails with the first place that differs.</summary>
    public static void AssertSame(ReadOnlySpan<float> expected, ReadOnlySpan<float> found, FormattableString what)
    {
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!Same(expected[i], found[i]))
            {
                Assert.Fail(FormattableString.Invariant(
                    $"{FormattableString.Invariant(what)}[{i}]: expected {expected[i]:R}, found {found[i]:R}"));
            }
        }
    }

    public static void AssertSame(float expected, float found, FormattableString what) => AssertSame([expected], [found], what);

    /// <summary>Fails with the first place that has another number, to the last bit of a NaN.</summary>
    public static void AssertAll(float expected, ReadOnlySpan<float> found, FormattableString what, string where)
    {
        for (int i = 0; i < found.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected) != BitConverter.SingleToInt32Bits(found[i]))
            {
                Assert.Fail(FormattableString.Invariant($"{FormattableString.Invariant(what)}: {where}, at {i}, there is {found[i]:R}"));
            }
        }
    }
}
