using Habla.Tensors.Ops;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests;

/// <summary>What belongs to another parameter set or another tape is refused before memory that is not its own is touched.</summary>
public sealed class MisuseTests : IDisposable
{
    private const string OtherLayout = "this buffer has the layout of another parameter set: make it with CreateBuffer";
    private const string OtherTape = "this tensor was made on another tape, or before this one was reset";

    private readonly ParameterSet _set = new(), _other = new();
    private readonly ParameterView _weight, _foreign;
    private readonly ParameterBuffer _buffer, _foreignBuffer;

    public MisuseTests()
    {
        _weight = _set.Add("weight", new Shape(2, 3), ParameterKind.Weight);
        _foreign = _other.Add("foreign", new Shape(2, 3), ParameterKind.Weight);
        (_buffer, _foreignBuffer) = (_set.CreateBuffer(), _other.CreateBuffer());
    }

    public void Dispose()
    {
        _buffer.Dispose();
        _foreignBuffer.Dispose();
        _set.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void AdamW_wants_the_layout_of_its_parameters()
    {
        foreach (int wrong in (int[])[0, 1, 2])
        {
            ParameterBuffer[] buffers = [_buffer, _buffer, _buffer];
            buffers[wrong] = _foreignBuffer;
            Refuses(OtherLayout, () => Update(buffers[0], buffers[1], buffers[2], step: 1));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void AdamW_counts_its_steps_from_one(int step) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Update(_buffer, _buffer, _buffer, step));

    [Fact]
    public void Gradients_of_different_layouts_and_no_gradients_have_no_sum()
    {
        Refuses(OtherLayout, () => GradientSum.IntoFirst([_buffer, _foreignBuffer], WorkerPool.Serial));
        Refuses("there is no gradient to sum", () => GradientSum.IntoFirst([], WorkerPool.Serial));
    }

    [Fact]
    public void A_parameter_of_another_set_has_no_numbers_here()
    {
        Refuses("'foreign' is a parameter of another set", () => _set.Data(_other["foreign"]));
        Refuses("'foreign' is a parameter of another set", () => _buffer.Data(_other["foreign"]));
        Refuses("'foreign' is a parameter of another set", () => ParameterSet.Stack(_weight, _foreign));
        Refuses("a stack of parameters needs at least one", () => ParameterSet.Stack());
    }

    [Fact]
    public void A_tape_takes_views_and_gradients_of_its_own_set()
    {
        using var tape = new Tape(_set);
        Refuses("'foreign' is a parameter of another set", () => tape.Use(_foreign));
        Refuses(OtherLayout, () => tape.Gradients = _foreignBuffer);
        Assert.Throws<ArgumentNullException>(() => tape.Gradients = null!);
    }

    [Fact]
    public void A_set_is_complete_once_something_has_its_size()
    {
        using ParameterSet buffered = new(), taped = new();
        using ParameterBuffer buffer = buffered.CreateBuffer();
        using var tape = new Tape(taped);
        Assert.Throws<InvalidOperationException>(() => buffered.Add("late", new Shape(1), ParameterKind.Bias));
        Assert.Throws<InvalidOperationException>(() => taped.Add("late", new Shape(1), ParameterKind.Bias));
    }

    [Fact]
    public void Every_operation_refuses_tensors_of_another_tape()
    {
        using Tape tape = new(_set), otherTape = new(_set);
        Tensor x = tape.Create(new Shape(1, 1, 6)), other = otherTape.Create(new Shape(1, 1, 6));
        Tensor row = tape.Create(new Shape(6)), otherRow = otherTape.Create(new Shape(6));
        Tensor table = tape.Create(new Shape(6, 6)), otherTable = otherTape.Create(new Shape(6, 6));
        Action[] calls =
        [
            () => Linear.Apply(tape, other, table), () => Linear.Apply(tape, x, otherTable), () => Linear.Apply(tape, x, table, otherRow),
            () => LayerNorm.Apply(tape, other, row, row), () => LayerNorm.Apply(tape, x, otherRow, row),
            () => LayerNorm.Apply(tape, x, row, otherRow),
            () => RmsNorm.Apply(tape, other, row), () => RmsNorm.Apply(tape, x, otherRow), () => SwiGlu.Apply(tape, other),
            () => Residual.Add(tape, other, x), () => Residual.Add(tape, x, other),
            () => PositionEmbedding.Apply(tape, other, table), () => PositionEmbedding.Apply(tape, x, otherTable),
            () => Embedding.Lookup(tape, otherTable, [0], 1), () => LinearGelu.Apply(tape, other, table, null, GeluForm.Exact),
            () => LinearGelu.Apply(tape, x, otherTable, null, GeluForm.Exact),
            () => LinearGelu.Apply(tape, x, table, otherRow, GeluForm.Tanh),
            () => Dropout.Apply(tape, other, 0.5f), () => RotaryEmbedding.Apply(tape, other, new RotaryTable(1, 2)),
            () => CausalAttention.Apply(tape, other, 1), () => CrossEntropy.Apply(tape, other, [0]),
            () => tape.Backward(otherTape.Create(new Shape(1))),
        ];
        Assert.All(calls, call => Refuses(OtherTape, call));
        Assert.Throws<ArgumentNullException>("weight", () => Linear.Apply(tape, x, null!));
    }

    [Fact]
    public void A_tensor_is_empty_after_a_reset_and_refused()
    {
        using var tape = new Tape(_set);
        Tensor x = tape.Create(new Shape(1, 3), [1, 2, 3]);
        tape.Reset();
        Assert.True(x.Data.IsEmpty);
        Assert.True(x.Gradient.IsEmpty);
        Refuses(OtherTape, () => Linear.Apply(tape, x, tape.Use(_weight)));
        Refuses(
            "these logits were made before their tape was reset",
            () => CrossEntropy.TokenLosses(x, [0], [], new float[1], WorkerPool.Serial));
    }

    [Fact]
    public void More_heads_than_an_int_can_triple_do_not_fit()
    {
        using var tape = new Tape(_set);
        Tensor x = tape.Create(new Shape(1, 1, 6));
        Assert.Throws<ShapeException>(() => CausalAttention.Apply(tape, x, 1_431_655_766)); // three times that is 2, in 32 bits
    }

    [Fact]
    public void Freed_memory_is_not_touched()
    {
        var set = new ParameterSet();
        ParameterView view = set.Add("a", new Shape(2), ParameterKind.Bias);
        ParameterBuffer buffer = set.CreateBuffer();
        using var tape = new Tape(set);
        Tensor tensor = tape.Use(view);
        Assert.Equal(2, tensor.Data.Length);
        buffer.Dispose();
        set.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Data(set["a"]));
        Assert.Throws<ObjectDisposedException>(() => buffer.Clear());
        Assert.Throws<ObjectDisposedException>(() => set.Data(set["a"]));
        Assert.Throws<ObjectDisposedException>(() => tensor.Data.Length);
    }

    private void Update(ParameterBuffer gradients, ParameterBuffer first, ParameterBuffer second, int step) =>
        AdamWUpdate.Apply(
            _set, gradients, first, second, new AdamWStep(0.1, 0.9, 0.95, 1e-8, 0.1, step, 1), WorkerPool.Serial);

    private static void Refuses(string message, Action call) =>
        Assert.StartsWith(message, Assert.Throws<ArgumentException>(call).Message, StringComparison.Ordinal);
}
