using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests;

/// <summary>A tape that stores in 16 bits: its memory, its bits, and what may be asked of its tensors.</summary>
public sealed class SixteenBitTapeTests : IDisposable
{
    private const int Layers = 2, Length = 32, Heads = 4, Width = 64, Hidden = 4 * Width, Vocabulary = 64, Samples = 4;

    private readonly ParameterSet _set = new();
    private readonly ParameterView _tokens, _gain, _bias, _project, _output, _up, _down;

    public SixteenBitTapeTests()
    {
        _tokens = _set.Add("tokens", new Shape(Vocabulary, Width), ParameterKind.Weight);
        _gain = _set.Add("gain", new Shape(Width), ParameterKind.Gain);
        _bias = _set.Add("bias", new Shape(Width), ParameterKind.Bias);
        _project = _set.Add("project", new Shape(3 * Width, Width), ParameterKind.Weight);
        _output = _set.Add("output", new Shape(Width, Width), ParameterKind.Weight);
        _up = _set.Add("up", new Shape(Hidden, Width), ParameterKind.Weight);
        _down = _set.Add("down", new Shape(Width, Hidden), ParameterKind.Weight);
        foreach (Parameter parameter in _set.Parameters)
        {
            new Fuzz(1).Values(parameter.Shape.Count, 0.2f).CopyTo(_set.Data(parameter));
        }
    }

    public void Dispose() => _set.Dispose();

    /// <summary>Two layers are the worst case: with more of them, windows and gradients are a smaller part.</summary>
    [Theory]
    [InlineData(ActivationFormat.BFloat16)]
    [InlineData(ActivationFormat.Float16)]
    public void Activations_take_at_least_40_percent_less_memory_windows_and_gradients_included(ActivationFormat format)
    {
        using Tape tape = new(_set), inTwo = new(_set, format: format);
        for (int pass = 0; pass < 3; pass++)
        {
            Pass(tape);
            Pass(inTwo);
        }

        Assert.True(inTwo.ActivationBytes <= 0.6 * tape.ActivationBytes, $"{inTwo.ActivationBytes} of {tape.ActivationBytes} bytes");
        long before = inTwo.ActivationBytes;
        Pass(inTwo);
        Assert.Equal(before, inTwo.ActivationBytes);
    }

    [Theory]
    [InlineData(ActivationFormat.BFloat16)]
    [InlineData(ActivationFormat.Float16)]
    public void Loss_and_gradients_have_the_same_bits_for_any_threads_and_weights_rounded_or_packed_before(ActivationFormat format)
    {
        using var rounded = new RoundedWeights(_set, format);
        using var packed = new PackedWeights(_set, rounded);
        rounded.Refresh(WorkerPool.Serial);
        using var alone = new Tape(_set, format: format);
        float loss = Pass(alone);
        foreach (WorkerPool pool in Fuzz.Pools)
        {
            using var tape = new Tape(_set, pool: pool, format: format);
            AssertSamePass(alone, loss, tape);
            tape.RoundedWeights = rounded;
            AssertSamePass(alone, loss, tape);
        }

        using var withPacked = new Tape(_set, format: format) { RoundedWeights = rounded, PackedWeights = packed };
        for (int pass = 0; pass < 2; pass++)
        {
            AssertSamePass(alone, loss, withPacked);
            packed.Refresh(WorkerPool.Serial);
        }
    }

    [Theory]
    [InlineData(ActivationFormat.BFloat16, 0.03)]
    [InlineData(ActivationFormat.Float16, 0.004)]
    public void Loss_and_gradients_are_near_those_of_float32(ActivationFormat format, double tolerance)
    {
        using Tape tape = new(_set), inTwo = new(_set, format: format) { LossScale = 1024 };
        float loss = Pass(tape);
        Assert.Equal(loss, Pass(inTwo), loss * tolerance / 10);
        foreach (Parameter parameter in _set.Parameters)
        {
            float[] expected = tape.Gradients.Data(parameter).ToArray(), found = inTwo.Gradients.Data(parameter).ToArray();
            double distance = 0, length = 0;
            for (int i = 0; i < expected.Length; i++)
            {
                distance += Math.Pow(expected[i] - (found[i] / 1024), 2);
                length += Math.Pow(expected[i], 2);
            }

            Assert.True(distance <= tolerance * tolerance * length, $"{parameter.Name}: {Math.Sqrt(distance / length):P2} away");
        }
    }

    /// <summary>Divided by so many targets, the gradients of activations lie below what binary16 can hold.</summary>
    [Fact]
    public void A_loss_scale_keeps_gradients_that_binary16_would_lose()
    {
        const double targets = 1e7;
        using Tape tape = new(_set), unscaled = new(_set, format: ActivationFormat.Float16);
        using var scaled = new Tape(_set, format: ActivationFormat.Float16) { LossScale = 1 << 16 };
        double[] lengths = [.. new[] { tape, unscaled, scaled }.Select(one =>
        {
            one.Backward(Forward(one, targets));
            one.Reset();
            return Math.Sqrt(one.Gradients.Data(_set["up"]).ToArray().Sum(number => (double)number * number)) / one.LossScale;
        })];
        Assert.True(lengths[1] < 0.7 * lengths[0] || lengths[1] > 1.3 * lengths[0], $"{lengths[1]} of {lengths[0]}");
        Assert.InRange(lengths[2] / lengths[0], 0.99, 1.01);
    }

    [Fact]
    public void Each_pass_rounds_the_weights_as_they_are_then()
    {
        using var tape = new Tape(_set, format: ActivationFormat.BFloat16);
        float before = Pass(tape);
        foreach (ref float weight in _set.Data(_set["up"]))
        {
            weight *= 1.5f;
        }

        Assert.NotEqual(before, Pass(tape));
        using var fresh = new Tape(_set, format: ActivationFormat.BFloat16);
        Assert.Equal(Pass(fresh), Pass(tape));
    }

    [Fact]
    public void Tensors_in_16_bits_are_read_by_a_copy()
    {
        using var tape = new Tape(_set, format: ActivationFormat.BFloat16);
        Tensor given = tape.Create(new Shape(2), [1.001f, -2f]);
        Assert.Equal((ActivationFormat.Float32, 1.001f), (given.Format, given.Data[0]));
        Tensor x = Embedding.Lookup(tape, tape.Use(_tokens), [3, 4], 1);
        Assert.Equal(ActivationFormat.BFloat16, x.Format);
        Assert.Equal(
            "a tensor [1, 2, 64] in BFloat16 has no float32 numbers to look at: copy them with ToArray",
            Assert.Throws<InvalidOperationException>(() => x.Data.Length).Message);
        float[] numbers = x.ToArray();
        Assert.Equal(2 * Width, numbers.Length);
        Assert.All(numbers, number => Assert.Equal(0u, BitConverter.SingleToUInt32Bits(number) & 0xFFFF));
        tape.Reset();
        Assert.Empty(x.ToArray());
    }

    [Fact]
    public void Rounded_weights_of_other_parameters_or_another_format_are_refused()
    {
        using var other = new ParameterSet();
        other.Add("x", new Shape(1), ParameterKind.Weight);
        using RoundedWeights ofOthers = new(other, ActivationFormat.BFloat16), another = new(_set, ActivationFormat.Float16);
        using var tape = new Tape(_set, format: ActivationFormat.BFloat16);
        Assert.Throws<ArgumentException>(() => tape.RoundedWeights = ofOthers);
        Assert.Throws<ArgumentException>(() => tape.RoundedWeights = another);
    }

    [Fact]
    public void What_is_too_large_for_binary16_is_found_where_it_is_stored()
    {
        _set.Data(_set["up"]).Fill(3e4f);
        using var tape = new Tape(_set, format: ActivationFormat.Float16);
        Tensor loss = Forward(tape);
        Assert.Contains("LinearGelu with up", tape.FindNonFinite()?.Description, StringComparison.Ordinal);
        tape.Reset();
        new Fuzz(1).Values(_set["up"].Shape.Count, 0.2f).CopyTo(_set.Data(_set["up"]));
        loss = Forward(tape);
        Assert.Null(tape.FindNonFinite());
        tape.LossScale = 1e30f;
        Assert.Contains("the gradient of", tape.BackwardFindingNonFinite(loss)?.Description, StringComparison.Ordinal);
        tape.Reset();
        tape.LossScale = 1;
        loss = Forward(tape);
        Assert.Null(tape.BackwardFindingNonFinite(loss));
    }

    private void AssertSamePass(Tape expected, float expectedLoss, Tape tape)
    {
        Bits.AssertSame(expectedLoss, Pass(tape), $"loss on {tape.Pool.ThreadCount} threads");
        foreach (Parameter parameter in _set.Parameters)
        {
            Bits.AssertSame(
                expected.Gradients.Data(parameter), tape.Gradients.Data(parameter), $"{parameter.Name} on {tape.Pool.ThreadCount} threads");
        }
    }

    private float Pass(Tape tape)
    {
        Tensor loss = Forward(tape);
        float value = loss.Data[0];
        tape.Backward(loss);
        tape.Reset();
        return value;
    }

    private Tensor Forward(Tape tape, double targets = 0)
    {
        tape.Dropout = new DropoutSource(1, 2, 0);
        int[] ids = [.. Enumerable.Range(0, Samples * Length).Select(i => i * 7 % Vocabulary)];
        Tensor x = Embedding.Lookup(tape, tape.Use(_tokens), ids, Samples);
        Tensor Norm(Tensor rows) => LayerNorm.Apply(tape, rows, tape.Use(_gain), tape.Use(_bias));
        for (int layer = 0; layer < Layers; layer++)
        {
            Tensor qkv = Linear.Apply(tape, Norm(x), tape.Use(_project));
            qkv = RotaryEmbedding.Apply(tape, qkv, new RotaryTable(Length, Width / Heads));
            Tensor attended = CausalAttention.Apply(tape, qkv, Heads, dropout: 0.1f);
            x = Residual.Add(tape, x, Linear.Apply(tape, attended, tape.Use(_output)), 0.1f);
            Tensor hidden = LinearGelu.Apply(tape, Norm(x), tape.Use(_up), null, GeluForm.Exact);
            x = Residual.Add(tape, x, Linear.Apply(tape, hidden, tape.Use(_down)), 0.1f);
        }

        Tensor logits = Linear.Apply(tape, Norm(x), tape.Use(_tokens), inFloat32: true);
        return CrossEntropy.Apply(tape, logits, [.. ids.Select(id => (id + 1) % Vocabulary)], divisor: targets);
    }
}
