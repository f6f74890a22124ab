using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Ops;

/// <summary>One pass of several micro-batches has the bits of one pass for each, their gradients added in the fixed tree.</summary>
public sealed class MicroBatchTests : IDisposable
{
    private const int Length = 5, Width = 6, Hidden = 9, Vocabulary = 11, Heads = 2;

    private readonly ParameterSet _set = new();
    private readonly Dictionary<string, ParameterView> _views = [];
    private readonly ParameterView _queryKeyValue, _gateAndUp;

    public MicroBatchTests()
    {
        ParameterView Add(string name, Shape shape, ParameterKind kind) => _views[name] = _set.Add(name, shape, kind);
        Add("tokens", new Shape(Vocabulary, Width), ParameterKind.Weight);
        Add("positions", new Shape(Length, Width), ParameterKind.Weight);
        Add("gain", new Shape(Width), ParameterKind.Gain);
        Add("bias", new Shape(Width), ParameterKind.Bias);
        _queryKeyValue = ParameterSet.Stack(
            Add("query", new Shape(Width, Width), ParameterKind.Weight), Add("key", new Shape(Width, Width), ParameterKind.Weight),
            Add("value", new Shape(Width, Width), ParameterKind.Weight));
        Add("up", new Shape(Hidden, Width), ParameterKind.Weight);
        Add("up bias", new Shape(Hidden), ParameterKind.Bias);
        Add("down", new Shape(Width, Hidden), ParameterKind.Weight);
        Add("down bias", new Shape(Width), ParameterKind.Bias);
        Add("gain of RMS", new Shape(Width), ParameterKind.Gain);
        Add("down of gated", new Shape(Width, Hidden), ParameterKind.Weight);
        _gateAndUp = ParameterSet.Stack(
            Add("gate", new Shape(Hidden, Width), ParameterKind.Weight),
            Add("up beside it", new Shape(Hidden, Width), ParameterKind.Weight));
        Add("head", new Shape(Vocabulary, Width), ParameterKind.Weight);
        var fuzz = new Fuzz(1);
        foreach (Parameter parameter in _set.Parameters)
        {
            fuzz.Values(parameter.Shape.Count).CopyTo(_set.Data(parameter));
        }
    }

    public void Dispose() => _set.Dispose();

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    [InlineData(5, false)]
    [InlineData(7, false)]
    [InlineData(8, false)]
    public void Losses_and_gradients_have_the_bits_of_a_pass_each(int microBatches, bool tied)
    {
        foreach (WorkerPool pool in Fuzz.Pools)
        {
            using Tape together = new(_set, pool: pool), apart = new(_set);
            float[] losses = Pass(together, first: 0, microBatches, tied);
            ParameterBuffer[] parts = [.. Enumerable.Range(0, microBatches).Select(_ => _set.CreateBuffer())];
            for (int part = 0; part < microBatches; part++)
            {
                apart.Gradients = parts[part];
                Bits.AssertSame(Assert.Single(Pass(apart, part, 1, tied)), losses[part], $"loss {part} of {microBatches}");
            }

            GradientSum.IntoFirst(parts, WorkerPool.Serial);
            foreach (Parameter parameter in _set.Parameters)
            {
                Bits.AssertSame(parts[0].Data(parameter), together.Gradients.Data(parameter), $"{parameter.Name}, {microBatches}");
            }

            Array.ForEach(parts, part => part.Dispose());
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Parameters_stacked_into_one_may_be_used_twice(int microBatches)
    {
        using Tape together = new(_set), apart = new(_set);
        PassWithStackUsedTwice(together, 0, microBatches);
        ParameterBuffer[] parts = [.. Enumerable.Range(0, microBatches).Select(_ => _set.CreateBuffer())];
        for (int part = 0; part < microBatches; part++)
        {
            apart.Gradients = parts[part];
            PassWithStackUsedTwice(apart, part, 1);
        }

        GradientSum.IntoFirst(parts, WorkerPool.Serial);
        foreach (string name in (string[])["query", "key", "value"])
        {
            Bits.AssertSame(parts[0].Data(_set[name]), together.Gradients.Data(_set[name]), $"{name}, {microBatches}");
        }

        Array.ForEach(parts, part => part.Dispose());
    }

    /// <summary>What a pass gathers for the second and later micro-batches of a shared parameter is no part of the next pass.</summary>
    [Theory]
    [InlineData(4, 2)]
    [InlineData(2, 4)]
    [InlineData(3, 3)]
    public void A_second_pass_on_the_tape_has_the_bits_of_one_on_a_tape_of_its_own(int before, int microBatches)
    {
        using Tape used = new(_set), fresh = new(_set);
        Pass(used, first: 1, before, tied: true);
        foreach (bool tied in (bool[])[true, false])
        {
            float[] losses = Pass(used, 0, microBatches, tied);
            Bits.AssertSame(Pass(fresh, 0, microBatches, tied), losses, $"losses, {microBatches} after {before}, tied {tied}");
            foreach (Parameter parameter in _set.Parameters)
            {
                Bits.AssertSame(
                    fresh.Gradients.Data(parameter), used.Gradients.Data(parameter),
                    $"{parameter.Name}, {microBatches} after {before}, tied {tied}");
            }
        }
    }

    [Fact]
    public void One_use_of_a_parameter_serves_one_operation()
    {
        using var tape = new Tape(_set) { MicroBatches = 2 };
        Tensor head = tape.Use(_views["head"]), x = tape.Create(new Shape(2, Width), new float[2 * Width]);
        Tensor loss = CrossEntropy.Apply(tape, Residual.Add(tape, Linear.Apply(tape, x, head), Linear.Apply(tape, x, head)), [0, 1]);
        Assert.Equal(
            "head [11, 6] is used twice in a pass of 2 micro-batches: call Tape.Use for each use",
            Assert.Throws<InvalidOperationException>(() => tape.Backward(loss)).Message);
    }

    [Fact]
    public void Rows_that_micro_batches_cannot_share_equally_are_refused_and_a_reset_forgets_micro_batches()
    {
        using var tape = new Tape(_set) { MicroBatches = 2 };
        Tensor logits = tape.Create(new Shape(3, 4), new float[12]);
        Assert.Equal(
            "cross-entropy: logits [3, 4] have 3 rows, which 2 micro-batches cannot share equally",
            Assert.Throws<ShapeException>(() => CrossEntropy.Apply(tape, logits, [0, 1, 2])).Message);
        Assert.Equal(
            "backward starts from one number for each of 2 micro-batches, but the loss has shape [1]",
            Assert.Throws<ShapeException>(() => tape.Backward(tape.Create(new Shape(1)))).Message);
        tape.Reset();
        Assert.Equal(1, tape.MicroBatches);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(Tape.MostMicroBatches + 1)]
    public void A_number_of_micro_batches_that_the_stack_does_not_bear_is_refused(int microBatches)
    {
        using var tape = new Tape(_set);
        Assert.Throws<ArgumentOutOfRangeException>(() => tape.MicroBatches = microBatches);
        Assert.Equal(1, tape.MicroBatches);
    }

    [Fact]
    public void The_most_micro_batches_go_back_on_every_thread()
    {
        foreach (WorkerPool pool in (WorkerPool[])[WorkerPool.Serial, Fuzz.Pool(8)])
        {
            using var tape = new Tape(_set, pool: pool);
            float[] losses = Pass(tape, first: 0, Tape.MostMicroBatches, tied: true);
            Assert.Equal(Tape.MostMicroBatches, losses.Length);
            Assert.All(
                _set.Parameters.Where(parameter => parameter.Name != "head"), // which a tied pass has no use for
                parameter => Assert.Contains(tape.Gradients.Data(parameter).ToArray(), value => value != 0));
        }
    }

    /// <summary>Every operation once, two samples a micro-batch, from micro-batch <paramref name="first"/> on.</summary>
    private float[] Pass(Tape tape, int first, int microBatches, bool tied)
    {
        const int samplesEach = 2;
        int samples = samplesEach * microBatches, rows = samples * Length, firstRow = samplesEach * first * Length;
        int[] ids = [.. Enumerable.Range(firstRow, rows).Select(i => i * 7 % Vocabulary)];
        bool[] visible = [.. Enumerable.Range(firstRow, rows).Select(i => i % 4 != 3)];
        (tape.MicroBatches, tape.Dropout) = (microBatches, new DropoutSource(1, 2, samplesEach * first));
        Tensor Use(string name) => tape.Use(_views[name]);

        Tensor x = Embedding.Lookup(tape, Use("tokens"), ids, samples);
        x = Dropout.Apply(tape, PositionEmbedding.Apply(tape, x, Use("positions")), 0.1f);
        Tensor qkv = Linear.Apply(tape, LayerNorm.Apply(tape, x, Use("gain"), Use("bias")), tape.Use(_queryKeyValue));
        x = Residual.Add(tape, x, CausalAttention.Apply(tape, qkv, Heads, visible, 0.2f), 0.1f);
        Tensor hidden = LinearGelu.Apply(tape, x, Use("up"), Use("up bias"), GeluForm.Tanh);
        x = Residual.Add(tape, x, Linear.Apply(tape, hidden, Use("down"), Use("down bias")));
        x = RmsNorm.Apply(tape, x, Use("gain of RMS"));
        Tensor gated = SwiGlu.Apply(tape, Linear.Apply(tape, x, tape.Use(_gateAndUp)));
        x = Residual.Add(tape, x, Linear.Apply(tape, gated, Use("down of gated")));
        Tensor logits = Linear.Apply(tape, x, Use(tied ? "tokens" : "head"));
        return Finish(tape, CrossEntropy.Apply(tape, logits, ids, visible, divisor: 17));
    }

    private void PassWithStackUsedTwice(Tape tape, int first, int microBatches)
    {
        int rows = 3 * microBatches;
        tape.MicroBatches = microBatches;
        float[] x = new Fuzz(4).Values(3 * 16 * Width).AsSpan(3 * first * Width, rows * Width).ToArray();
        Tensor input = tape.Create(new Shape(rows, Width), x);
        Tensor sum = Residual.Add(
            tape, Linear.Apply(tape, input, tape.Use(_queryKeyValue)),
            LinearGelu.Apply(tape, input, tape.Use(_queryKeyValue), null, GeluForm.Exact));
        Finish(tape, CrossEntropy.Apply(tape, sum, [.. Enumerable.Range(3 * first, rows)], divisor: 5));
    }

    private static float[] Finish(Tape tape, Tensor loss)
    {
        float[] losses = loss.Data.ToArray();
        tape.Backward(loss);
        tape.Reset();
        return losses;
    }
}
