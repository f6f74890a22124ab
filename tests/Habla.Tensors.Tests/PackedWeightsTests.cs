using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Kernels;

namespace Habla.Tensors.Tests;

public sealed class PackedWeightsTests : IDisposable
{
    private readonly ParameterSet _set = new();
    private readonly ParameterView _first, _second, _both;

    public PackedWeightsTests()
    {
        _first = _set.Add("first", new Shape(35, 19), ParameterKind.Weight);
        _second = _set.Add("second", new Shape(16, 19), ParameterKind.Weight);
        _both = ParameterSet.Stack(_first, _second);
        Fill(1);
    }

    public void Dispose() => _set.Dispose();

    [Fact]
    public void Packed_or_not_and_after_every_change_a_linear_map_has_the_same_bits()
    {
        using var packed = new PackedWeights(_set);
        Tensor[] All(Tape tape, bool stacked)
        {
            Tensor x = tape.Create(new Shape(7, 19), new Fuzz(9).Values(7 * 19));
            return
            [
                stacked
                    ? Linear.Apply(tape, x, tape.Use(_both))
                    : LinearGelu.Apply(tape, x, tape.Use(_second), null, GeluForm.Exact),
                Linear.Apply(tape, x, tape.Create(new Shape(5, 19), new Fuzz(10).Values(5 * 19))), // not a parameter
            ];
        }

        for (ulong step = 1; step <= 4; step++)
        {
            Fill(step);
            foreach ((int threads, bool stacked) in ((int, bool)[])[(1, true), (1, false), (3, true), (3, false)])
            {
                packed.Refresh(Fuzz.Pool(threads));
                using Tape with = new(_set) { PackedWeights = packed }, without = new(_set);
                foreach ((Tensor found, Tensor expected) in All(with, stacked).Zip(All(without, stacked)))
                {
                    Bits.AssertSame(expected.Data, found.Data, $"step {step}, {threads} threads, {expected.Shape}");
                }
            }
        }
    }

    [Fact]
    public unsafe void A_matrix_is_packed_from_the_refresh_on_after_it_was_first_asked_for()
    {
        using var packed = new PackedWeights(_set);
        packed.Refresh(Fuzz.Pool(1));
        Assert.True(packed.Find(_first) is null);
        packed.Refresh(Fuzz.Pool(1));
        Assert.True(packed.Find(_first) is not null);
        Assert.True(packed.Find(_both) is null);
        packed.Refresh(Fuzz.Pool(3));
        Assert.True(packed.Find(_first) is not null && packed.Find(_both) is not null);
        Assert.True(packed.Find(_first) != packed.Find(_both));
    }

    private void Fill(ulong seed)
    {
        var fuzz = new Fuzz(seed);
        foreach (Parameter parameter in _set.Parameters)
        {
            fuzz.Values(parameter.Shape.Count).CopyTo(_set.Data(parameter));
        }
    }
}
