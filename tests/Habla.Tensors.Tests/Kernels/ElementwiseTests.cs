using Habla.Tensors.Kernels;
using Habla.Tensors.Tests.Reference;

namespace Habla.Tensors.Tests.Kernels;

public unsafe class ElementwiseTests
{
    [Fact]
    public void Two_arrays_are_added_and_multiplied_at_every_length_and_alignment()
    {
        var fuzz = new Fuzz(1);
        foreach (int length in Fuzz.Sizes)
        {
            for (int offset = 0; offset < 16; offset++)
            {
                float[] x = fuzz.WithSpecials(length), y = fuzz.WithSpecials(length);
                using GuardedFloats a = new(x, offset), b = new(y, fuzz.Offset()), sum = fuzz.Empty(length), product = fuzz.Empty(length);
                Elementwise.Map<Elementwise.Sum>(a.Pointer, b.Pointer, sum.Pointer, length);
                Elementwise.Map<Elementwise.Product>(a.Pointer, b.Pointer, product.Pointer, length);
                sum.AssertHolds([.. x.Zip(y, (p, q) => p + q)], $"sum of {length}");
                product.AssertHolds([.. x.Zip(y, (p, q) => p * q)], $"product of {length}");
            }
        }
    }

    [Fact]
    public void The_result_may_take_the_place_of_either_operand_or_of_both()
    {
        var fuzz = new Fuzz(2);
        foreach (int length in Fuzz.Sizes)
        {
            float[] x = fuzz.WithSpecials(length), y = fuzz.WithSpecials(length), expected = [.. x.Zip(y, (p, q) => p + q)];
            using GuardedFloats a = new(x, fuzz.Offset()), b = new(y, fuzz.Offset()), both = new(x, fuzz.Offset());
            using GuardedFloats right = new(y, fuzz.Offset());
            Elementwise.Map<Elementwise.Sum>(a.Pointer, right.Pointer, right.Pointer, length);
            right.AssertHolds(expected, $"in the place of the second, {length}");
            Elementwise.Map<Elementwise.Sum>(a.Pointer, b.Pointer, a.Pointer, length);
            a.AssertHolds(expected, $"in the place of the first, {length}");
            Elementwise.Map<Elementwise.Product>(both.Pointer, both.Pointer, both.Pointer, length);
            both.AssertHolds([.. x.Select(p => p * p)], $"in the place of both, {length}");
        }
    }

    [Fact]
    public void Numbers_are_written_or_added()
    {
        var fuzz = new Fuzz(3);
        foreach (int length in Fuzz.Sizes)
        {
            float[] x = fuzz.WithSpecials(length), y = fuzz.WithSpecials(length);
            using GuardedFloats from = new(x, fuzz.Offset()), written = fuzz.Empty(length), added = new(y, fuzz.Offset());
            Elementwise.WriteOrAdd(from.Pointer, written.Pointer, length, accumulate: false);
            Elementwise.WriteOrAdd(from.Pointer, added.Pointer, length, accumulate: true);
            written.AssertHolds(x, $"{length} written");
            added.AssertHolds([.. y.Zip(x, (p, q) => p + q)], $"{length} added");
        }
    }

    [Theory]
    [InlineData("gelu")]
    [InlineData("gelu by tanh")]
    [InlineData("silu")]
    public void A_function_and_its_slope_are_computed_at_every_length_also_in_place(string function)
    {
        var fuzz = new Fuzz(4);
        foreach (int length in Fuzz.Sizes)
        {
            float[] x = fuzz.WithSpecials(length, 5);
            (float Value, float Slope)[] expected = [.. x.Select(value => Expected(function, value))];
            using GuardedFloats from = new(x, fuzz.Offset()), values = fuzz.Empty(length), slopes = fuzz.Empty(length),
                again = fuzz.Empty(length);
            Map(function, from.Pointer, values.Pointer, slopes.Pointer, length);
            from.AssertHolds(x, $"x of {length}, only read");
            Map(function, from.Pointer, again.Pointer, from.Pointer, length);
            values.AssertHolds([.. expected.Select(pair => pair.Value)], $"{length} values");
            slopes.AssertHolds([.. expected.Select(pair => pair.Slope)], $"{length} slopes");
            again.AssertHolds([.. expected.Select(pair => pair.Value)], $"{length} values, with the slopes in place");
            from.AssertHolds([.. expected.Select(pair => pair.Slope)], $"{length} slopes in place");
        }
    }

    private static (float Value, float Slope) Expected(string function, float x) => function switch
    {
        "gelu" => Twin.Gelu(x),
        "gelu by tanh" => Twin.GeluTanh(x),
        _ => Twin.Silu(x),
    };

    private static void Map(string function, float* x, float* y, float* slopes, int length)
    {
        switch (function)
        {
            case "gelu":
                Elementwise.MapWithSlope<ExactGelu>(x, y, slopes, length);
                break;
            case "gelu by tanh":
                Elementwise.MapWithSlope<TanhGelu>(x, y, slopes, length);
                break;
            default:
                Elementwise.MapWithSlope<Silu>(x, y, slopes, length);
                break;
        }
    }
}
