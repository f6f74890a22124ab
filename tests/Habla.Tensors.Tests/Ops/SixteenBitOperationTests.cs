using Habla.Tensors.Kernels;
using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Ops;

/// <summary>
/// Each operation on a tape of 16 bits beside the same on one of float32, from numbers that 16 bits hold: what is stored is what float32
/// computes, rounded, and gradients differ by no more than the rounding of what goes into them.
/// </summary>
public sealed unsafe class SixteenBitOperationTests : IDisposable
{
    private const int Samples = 2, Length = 37, Heads = 2, HeadSize = 6, Width = Heads * HeadSize, Hidden = 21, Vocabulary = 19;

    private readonly ParameterSet _set = new();
    private readonly Dictionary<string, ParameterView> _views = [];

    public SixteenBitOperationTests()
    {
        Add("table", new Shape(Vocabulary, Width));
        Add("positions", new Shape(Length, Width));
        Add("weight", new Shape(Hidden, Width));
        Add("bias", new Shape(Hidden), ParameterKind.Bias);
        Add("gain", new Shape(Width), ParameterKind.Gain);
        Add("shift", new Shape(Width), ParameterKind.Bias);
        foreach (Parameter parameter in _set.Parameters)
        {
            new Fuzz((ulong)parameter.Index).Values(parameter.Shape.Count).CopyTo(_set.Data(parameter));
        }
    }

    /// <summary>An operation, how much its output may differ from float32 rounded, and its gradients from those of float32.</summary>
    public static TheoryData<string, ActivationFormat, bool> Operations()
    {
        var all = new TheoryData<string, ActivationFormat, bool>();
        foreach (ActivationFormat format in (ActivationFormat[])[ActivationFormat.BFloat16, ActivationFormat.Float16])
        {
            string[] exact =
                ["linear", "layer norm", "embedding", "position embedding", "rotary", "dropout", "residual", "residual with dropout",
                "RMS norm", "SwiGLU"];
            string[] near = ["gelu", "gelu by tanh", "attention", "attention with dropout", "attention over long sequences",
                "attention with shared keys",
                "attention with shared keys over long sequences"];
            foreach (string name in (string[])[.. exact, .. near])
            {
                all.Add(name, format, exact.Contains(name));
            }
        }

        return all;
    }

    public void Dispose() => _set.Dispose();

    [Theory]
    [MemberData(nameof(Operations))]
    public void Stores_what_float32_computes_rounded_and_goes_back_like_float32(string operation, ActivationFormat format, bool exact)
    {
        foreach (WorkerPool pool in Fuzz.Pools)
        {
            (float[] output, float[][] gradients) = Run(operation, ActivationFormat.Float32, format, pool);
            (float[] stored, float[][] storedGradients) = Run(operation, format, format, pool);
            if (exact || operation.StartsWith("gelu", StringComparison.Ordinal))
            {
                Bits.AssertSame(Rounded(output, format), stored, $"{operation} in {format}");
            }

            // Half a unit in the last place of what is rounded on the way (weights, slopes, gradients), and as much again for their sums.
            float tolerance = format == ActivationFormat.BFloat16 ? 0.012f : 0.0015f;
            AssertClose(output, stored, tolerance, $"{operation} in {format}");
            Assert.Equal(gradients.Length, storedGradients.Length);
            for (int i = 0; i < gradients.Length; i++)
            {
                Assert.Contains(gradients[i], number => number != 0);
                AssertClose(gradients[i], storedGradients[i], tolerance, $"gradient {i} of {operation} in {format}");
            }
        }
    }

    [Theory]
    [InlineData(ActivationFormat.BFloat16)]
    [InlineData(ActivationFormat.Float16)]
    public void A_gradient_that_several_operations_add_to_is_rounded_each_time(ActivationFormat format)
    {
        using var tape = new Tape(_set, format: format);
        float[] numbers = Rounded(new Fuzz(5).Values(Width * 3), format), dy = Rounded(new Fuzz(6).Values(Width * 3), format);
        Tensor input = tape.Create(new Shape(3, Width), numbers);
        Tensor normed = LayerNorm.Apply(tape, input, tape.Use(_views["gain"]), tape.Use(_views["shift"]));
        Tensor again = LayerNorm.Apply(tape, normed, tape.Use(_views["gain"]), tape.Use(_views["shift"]));
        Tensor sum = Residual.Add(tape, normed, again);
        tape.Backward(WeightedSum.Of(tape, sum, [.. dy.Select(number => (double)number)]));
        float[] inTwo = input.Gradient.ToArray();

        using var plain = new Tape(_set);
        input = plain.Create(new Shape(3, Width), numbers);
        normed = LayerNorm.Apply(plain, input, plain.Use(_views["gain"]), plain.Use(_views["shift"]));
        again = LayerNorm.Apply(plain, normed, plain.Use(_views["gain"]), plain.Use(_views["shift"]));
        sum = Residual.Add(plain, normed, again);
        plain.Backward(WeightedSum.Of(plain, sum, [.. dy.Select(number => (double)number)]));
        AssertClose(input.Gradient.ToArray(), inTwo, format == ActivationFormat.BFloat16 ? 0.02f : 0.002f, "the gradient of the input");
    }

    [Fact]
    public void The_products_of_a_linear_map_multiply_rounded_numbers_and_sum_in_float32()
    {
        const ActivationFormat format = ActivationFormat.BFloat16;
        float[] x = new Fuzz(7).Values(5 * Width), dy = new Fuzz(8).Values(5 * Hidden);
        using var tape = new Tape(_set, format: format);
        Tensor table = tape.Use(_views["table"]);
        Tensor input = Embedding.Lookup(tape, table, [1, 2, 3, 4, 5], 1); // 16-bit numbers
        Tensor y = Linear.Apply(tape, input, tape.Use(_views["weight"]), inFloat32: true);
        float[] inputs = input.ToArray(), weights = Rounded(_set.Data(_set["weight"]).ToArray(), format), rounded = Rounded(dy, format);
        for (int row = 0; row < 5; row++)
        {
            for (int column = 0; column < Hidden; column++)
            {
                float sum = 0;
                for (int k = 0; k < Width; k++)
                {
                    sum = MathF.FusedMultiplyAdd(inputs[(row * Width) + k], weights[(column * Width) + k], sum);
                }

                Bits.AssertSame(sum, y.Data[(row * Hidden) + column], $"y[{row}, {column}]");
            }
        }

        tape.Backward(WeightedSum.Of(tape, y, [.. dy.Select(number => (double)number)]));
        for (int column = 0; column < Hidden; column++)
        {
            for (int k = 0; k < Width; k++)
            {
                float sum = 0;
                for (int row = 0; row < 5; row++)
                {
                    sum = MathF.FusedMultiplyAdd(rounded[(row * Hidden) + column], inputs[(row * Width) + k], sum);
                }

                Bits.AssertSame(sum, tape.Gradients.Data(_set["weight"])[(column * Width) + k], $"dW[{column}, {k}]");
            }
        }
    }

    /// <summary>What the operation gave, the gradient of its input where it has one, and those of the parameters it reads.</summary>
    private (float[] Output, float[][] Gradients) Run(
        string operation, ActivationFormat tapeFormat, ActivationFormat numbers, WorkerPool pool)
    {
        using var rounded = new ParameterSet();
        var views = _set.Parameters.ToDictionary(p => p.Name, p => rounded.Add(p.Name, p.Shape, p.Kind));
        foreach (Parameter parameter in _set.Parameters)
        {
            float[] values = _set.Data(parameter).ToArray();
            (parameter.Kind == ParameterKind.Weight ? Rounded(values, numbers) : values).CopyTo(rounded.Data(rounded[parameter.Name]));
        }

        using var tape = new Tape(rounded, pool: pool, format: tapeFormat) { Dropout = new DropoutSource(1, 2, 0) };
        bool isAttention = operation.StartsWith("attention", StringComparison.Ordinal);
        bool isLong = operation.EndsWith("long sequences", StringComparison.Ordinal);
        int length = isLong ? 83 : Length, columns = isAttention || operation == "rotary" ? 3 * Width : Width;
        var shape = new Shape(Samples, length, columns);
        float[] x = Rounded(new Fuzz(3).Values(shape.Count), numbers), other = Rounded(new Fuzz(4).Values(shape.Count), numbers);
        int[] ids = [.. Enumerable.Range(0, Samples * length).Select(i => i * 7 % Vocabulary)];
        bool[] visible = [.. ids.Select(id => id % 5 != 3)];
        Tensor input = tape.Create(shape, x);
        Tensor Use(string name) => tape.Use(views[name]);
        Tensor output = operation switch
        {
            "linear" => Linear.Apply(tape, input, Use("weight"), Use("bias")),
            "layer norm" => LayerNorm.Apply(tape, input, Use("gain"), Use("shift")),
            "RMS norm" => RmsNorm.Apply(tape, input, Use("gain")),
            "SwiGLU" => SwiGlu.Apply(tape, input),
            "attention with shared keys" or "attention with shared keys over long sequences" =>
                CausalAttention.Apply(tape, input, 4, visible, keyValueHeadCount: 1),
            "embedding" => Embedding.Lookup(tape, Use("table"), ids, Samples),
            "position embedding" => PositionEmbedding.Apply(tape, input, Use("positions")),
            "rotary" => RotaryEmbedding.Apply(tape, Stored(tape, input), new RotaryTable(length, HeadSize)),
            "dropout" => Dropout.Apply(tape, input, 0.3f),
            "residual" => Residual.Add(tape, input, Stored(tape, tape.Create(shape, other))),
            "residual with dropout" => Residual.Add(tape, input, Stored(tape, tape.Create(shape, other)), 0.3f),
            "gelu" => LinearGelu.Apply(tape, input, Use("weight"), Use("bias"), GeluForm.Exact),
            "gelu by tanh" => LinearGelu.Apply(tape, input, Use("weight"), Use("bias"), GeluForm.Tanh),
            "attention with dropout" => CausalAttention.Apply(tape, input, Heads, visible, 0.2f),
            _ => CausalAttention.Apply(tape, input, Heads, visible),
        };
        Assert.Equal(tapeFormat, output.Format);
        float[] y = output.ToArray();
        tape.Backward(WeightedSum.Of(tape, output, [.. Rounded(new Fuzz(9).Values(y.Length), numbers).Select(number => (double)number)]));
        return (y,
        [
            .. operation == "embedding" ? Array.Empty<float[]>() : [input.Gradient.ToArray()],
            .. rounded.Parameters.Select(parameter => tape.Gradients.Data(parameter).ToArray())
                .Where(gradient => gradient.Any(number => number != 0)),
        ]);
    }

    /// <summary>The same numbers as an operation would have made them, since what works in place takes nothing else.</summary>
    private static Tensor Stored(Tape tape, Tensor input) => Copy.Of(tape, input);

    private static float[] Rounded(float[] numbers, ActivationFormat format)
    {
        float[] rounded = new float[numbers.Length];
        fixed (float* from = numbers, to = rounded)
        {
            SixteenBits.RoundNumbers(format, from, to, numbers.Length);
        }

        return rounded;
    }

    private static void AssertClose(float[] expected, float[] found, float tolerance, string what)
    {
        Assert.Equal(expected.Length, found.Length);
        float scale = expected.Max(MathF.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            bool near = MathF.Abs(expected[i] - found[i]) <= tolerance * scale;
            Assert.True(near, $"{what}, at {i}: {expected[i]} expected, {found[i]} found");
        }
    }

    private void Add(string name, Shape shape, ParameterKind kind = ParameterKind.Weight) => _views[name] = _set.Add(name, shape, kind);

    /// <summary>y = x.</summary>
    private sealed class Copy : Operation
    {
        private Tensor _x = null!;

        public static Tensor Of(Tape tape, Tensor x)
        {
            Tensor y = tape.CreateOutput(x.Shape);
            new ReadOnlySpan<float>(x.DataPointer, x.Shape.Count).CopyTo(new Span<float>(y.DataPointer, x.Shape.Count));
            Assert.True(tape.Stores(y));
            tape.Record<Copy>(y)._x = x;
            return y;
        }

        internal override void Backward(Tape tape)
        {
            float* dx = _x.GradientToWrite(out bool accumulate);
            Elementwise.WriteOrAdd(Output.GradientPointer, dx, _x.Shape.Count, accumulate);
        }
    }
}
