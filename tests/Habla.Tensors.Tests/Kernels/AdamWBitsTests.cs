using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Reference;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Kernels;

/// <summary>AdamW's pass over flat memory, in which parameters of any size lie end to end, so at any alignment.</summary>
public class AdamWBitsTests
{
    [Fact]
    public void Every_size_next_to_its_neighbours()
    {
        var fuzz = new Fuzz(1);
        for (int first = 1; first <= Fuzz.Largest; first += 16)
        {
            Check(fuzz, [.. Enumerable.Range(first, Math.Min(16, Fuzz.Largest + 1 - first))], fuzz.Pool());
        }
    }

    [Fact]
    public void All_threads_agree_over_several_chunks()
    {
        foreach (WorkerPool pool in Fuzz.Pools)
        {
            Check(new Fuzz(2), [4_095, 3, 8_191, 257, 1, 20_000], pool);
        }
    }

    [Fact]
    public void Gradients_that_are_not_finite_spoil_their_own_number_only()
    {
        var fuzz = new Fuzz(3);
        Check(fuzz, [100, 33], fuzz.Pool(), fuzz.WithSpecials);
    }

    [Fact]
    public void Rates_of_each_parameter_are_its_own()
    {
        var fuzz = new Fuzz(4);
        Check(fuzz, [100, 33, 5_000, 9, 4_095], fuzz.Pool(), rates: [new(0.5, 0), new(1, 0.1), new(0, 10), new(3, 0.01), new(1, 0.1)]);
    }

    [Fact]
    public void Rates_that_are_those_of_the_step_change_no_bit()
    {
        var fuzz = new Fuzz(5);
        AdamWRates same = new(1, 0.1);
        Check(fuzz, [100, 33, 5_000], fuzz.Pool(), rates: [same, same, same], twinRates: []);
    }

    [Fact]
    public void There_is_one_rate_a_parameter()
    {
        var fuzz = new Fuzz(6);
        Assert.Throws<ArgumentException>(() => Check(fuzz, [3, 4], fuzz.Pool(), rates: [new(1, 0)], twinRates: []));
    }

    private static void Check(Fuzz fuzz, int[] sizes, WorkerPool pool, Func<int, float, float[]>? gradientNumbers = null,
        AdamWRates[]? rates = null, AdamWRates[]? twinRates = null)
    {
        using var set = new ParameterSet();
        ParameterKind[] kinds = [ParameterKind.Weight, ParameterKind.Bias, ParameterKind.Gain];
        foreach (int size in sizes)
        {
            set.Add($"parameter {set.Parameters.Count}", new Shape(size), kinds[set.Parameters.Count % 3]);
        }

        using ParameterBuffer gradients = set.CreateBuffer(), first = set.CreateBuffer(), second = set.CreateBuffer();
        foreach (Parameter parameter in set.Parameters)
        {
            fuzz.Values(parameter.Shape.Count).CopyTo(set.Data(parameter));
        }

        for (int number = 1; number <= 3; number++)
        {
            var step = new AdamWStep(3e-4 * number, 0.9, 0.95, 1e-8, 0.1, 7 * number, 0.5 / number);
            float[][] p = Copy(set, set.Data), m = Copy(set, first.Data), v = Copy(set, second.Data);
            foreach (Parameter parameter in set.Parameters)
            {
                float[] gradient = (gradientNumbers ?? fuzz.Values)(parameter.Shape.Count, 0.1f);
                gradient.CopyTo(gradients.Data(parameter));
                AdamWRates own = (twinRates ?? rates) is { Length: > 0 } each ? each[parameter.Index] : new AdamWRates(1, step.WeightDecay);
                AdamWStep ownStep = step with { LearningRate = step.LearningRate * own.LearningRateScale, WeightDecay = own.WeightDecay };
                for (int i = 0; i < gradient.Length; i++)
                {
                    p[parameter.Index][i] = Twin.AdamW(
                        p[parameter.Index][i], gradient[i], ref m[parameter.Index][i], ref v[parameter.Index][i],
                        parameter.Kind == ParameterKind.Weight, ownStep);
                }
            }

            AdamWUpdate.Apply(set, gradients, first, second, step, pool, rates);
            foreach (Parameter parameter in set.Parameters)
            {
                FormattableString what = $"{parameter.Kind} of {parameter.Shape.Count}, step {number}";
                Bits.AssertSame(p[parameter.Index], set.Data(parameter), what);
                Bits.AssertSame(m[parameter.Index], first.Data(parameter), $"first moment, {what}");
                Bits.AssertSame(v[parameter.Index], second.Data(parameter), $"second moment, {what}");
            }
        }
    }

    private delegate Span<float> DataOf(Parameter parameter);

    private static float[][] Copy(ParameterSet set, DataOf data) => [.. set.Parameters.Select(parameter => data(parameter).ToArray())];
}
