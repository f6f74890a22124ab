using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Ops;

namespace Habla.Tensors.Tests;

/// <summary>Misuse of a tape is told, and a tape that is used again gives the same numbers.</summary>
public sealed class TapeTests : IDisposable
{
    private readonly ParameterSet _set = new();
    private readonly ParameterView _weight, _unused;

    public TapeTests()
    {
        _weight = _set.Add("weight", new Shape(2, 3), ParameterKind.Weight);
        _unused = _set.Add("unused", new Shape(4), ParameterKind.Bias);
        _set.Data(_set["weight"]).Fill(0.5f);
    }

    public void Dispose() => _set.Dispose();

    [Fact]
    public void The_way_back_starts_from_one_number()
    {
        using var tape = new Tape(_set);
        Assert.Equal(
            "backward starts from one number for each of 1 micro-batches, but the loss has shape [2, 3]",
            Assert.Throws<ShapeException>(() => tape.Backward(tape.Create(new Shape(2, 3)))).Message);
    }

    [Fact]
    public void A_tape_for_inference_has_no_way_back()
    {
        using var tape = new Tape(_set, TapeMode.Inference);
        Assert.Equal(
            "this tape does not record: create it with TapeMode.Training",
            Assert.Throws<InvalidOperationException>(() => tape.Backward(tape.Create(new Shape(1)))).Message);
    }

    [Fact]
    public void The_way_back_is_gone_once_until_a_reset()
    {
        using var tape = new Tape(_set);
        Pass(tape, withUnused: false);
        float[] gradient = tape.Gradients.Data(_set["weight"]).ToArray();
        Assert.Contains(
            "call Reset",
            Assert.Throws<InvalidOperationException>(() => tape.Backward(tape.Create(new Shape(1)))).Message, StringComparison.Ordinal);
        Assert.Equal(gradient, tape.Gradients.Data(_set["weight"]).ToArray());
        Pass(tape, withUnused: false);
        Assert.Equal(gradient, tape.Gradients.Data(_set["weight"]).ToArray());
    }

    [Fact]
    public void Values_have_to_fill_the_shape()
    {
        using var tape = new Tape(_set);
        Assert.Equal(
            "a tensor [2, 2] has 4 elements, but 3 values were given",
            Assert.Throws<ShapeException>(() => tape.Create(new Shape(2, 2), [1, 2, 3])).Message);
    }

    [Fact]
    public void Shapes_that_do_not_fit_name_the_operation_and_both_shapes()
    {
        using var tape = new Tape(_set);
        Tensor x = tape.Create(new Shape(1, 4), [1, 2, 3, 4]);
        Assert.Equal(
            "linear: [1, 4] and [2, 3] do not fit: the weight is [out, in], and in is the innermost size of x",
            Assert.Throws<ShapeException>(() => Linear.Apply(tape, x, tape.Use(_weight))).Message);
    }

    [Fact]
    public void A_parameter_that_the_loss_does_not_depend_on_has_gradient_zero_even_after_another_pass()
    {
        using var tape = new Tape(_set);
        tape.Gradients.Data(_set["unused"]).Fill(7);
        Pass(tape, withUnused: true);
        Assert.NotEqual(new float[4], tape.Gradients.Data(_set["unused"]).ToArray());
        Pass(tape, withUnused: false);
        Assert.Equal(new float[4], tape.Gradients.Data(_set["unused"]).ToArray());
    }

    [Fact]
    public void A_tape_used_again_gives_the_same_bits_and_needs_no_more_memory()
    {
        using var tape = new Tape(_set);
        float first = Pass(tape, withUnused: false);
        float[] gradient = tape.Gradients.Data(_set["weight"]).ToArray();
        Pass(tape, withUnused: true);
        long bytes = tape.ActivationBytes;
        Assert.Equal(first, Pass(tape, withUnused: false));
        Assert.Equal(gradient, tape.Gradients.Data(_set["weight"]).ToArray());
        Assert.Equal(bytes, tape.ActivationBytes);
    }

    [Fact]
    public void A_gradient_that_was_passed_on_is_gone_and_its_memory_serves_the_next()
    {
        const int size = 64, layers = 40;
        using var tape = new Tape(_set);
        Tensor x = tape.Create(new Shape(size, size), new float[size * size]), weight = tape.Create(x.Shape, new float[size * size]), y = x;
        for (int layer = 0; layer < layers; layer++)
        {
            y = Linear.Apply(tape, y, weight);
        }

        tape.Backward(WeightedSum.Of(tape, y, new double[size * size]));
        Assert.True(y.Gradient.IsEmpty);
        Assert.Equal((size * size, size * size), (x.Gradient.Length, weight.Gradient.Length));

        // As many activations as layers and a few, but far fewer gradients.
        tape.Reset();
        Assert.InRange(tape.ActivationBytes / (size * size * sizeof(float)), layers + 2, layers + 6);
    }

    [Fact]
    public void The_first_tensor_that_is_not_finite_is_named_by_operation_and_parameter()
    {
        using var tape = new Tape(_set);
        Tensor y = Linear.Apply(tape, tape.Create(new Shape(1, 3), [1, 2, 3]), tape.Use(_weight));
        Assert.Null(tape.FindNonFinite());
        y = Linear.Apply(tape, tape.Create(new Shape(1, 3), [float.MaxValue, float.MaxValue, float.MaxValue]), tape.Use(_weight));
        LinearGelu.Apply(tape, y, tape.Create(new Shape(1, 2), [1, 1]), null, GeluForm.Exact);
        Assert.Equal("the output [1, 2] of operation 2, Linear with weight, at element 0", tape.FindNonFinite()?.Description);
    }

    /// <summary>
    /// The head's weight is the embedding table too: that its gradient went bad in the head is what the operation's name says.
    /// </summary>
    [Fact]
    public void The_first_gradient_that_is_not_finite_is_named_by_operation_and_tensor()
    {
        using var tape = new Tape(_set);
        Tensor table = tape.Use(_weight);
        Tensor x = Embedding.Lookup(tape, table, [0, 1], 1);
        Tensor logits = Linear.Apply(tape, x, table);
        Tensor loss = CrossEntropy.Apply(tape, logits, [0, 1]);
        logits.Data[0] = float.NaN; // after the forward pass: only the way back meets it
        Assert.Equal(
            "the gradient of an activation [1, 2, 2], at element 0, written by operation 3, CrossEntropy",
            tape.BackwardFindingNonFinite(loss)?.Description);

        tape.Reset();
        x = Embedding.Lookup(tape, table, [0, 1], 1);
        x.Data.Fill(1e5f);
        logits = Linear.Apply(tape, x, table);
        loss = CrossEntropy.Apply(tape, logits, [0, 1], divisor: 1e-36);
        Assert.Equal(
            "the gradient of weight [2, 3], at element 0, written by operation 2, Linear with weight",
            tape.BackwardFindingNonFinite(loss)?.Description);
    }

    [Fact]
    public void A_gradient_that_is_only_turned_is_looked_at_too()
    {
        using var tape = new Tape(_set);
        Tensor turned = RotaryEmbedding.Apply(tape, tape.Create(new Shape(1, 2, 6), new float[12]), new RotaryTable(2, 2));
        Tensor loss = WeightedSum.Of(tape, turned, [.. Enumerable.Repeat(3.4e38, 12)]);
        Assert.Equal(
            "the gradient of an activation [1, 2, 6], at element 6, written by operation 1, RotaryEmbedding",
            tape.BackwardFindingNonFinite(loss)?.Description);
    }

    [Fact]
    public void Looking_for_a_gradient_that_is_not_finite_changes_none()
    {
        using Tape plain = new(_set), looking = new(_set);
        looking.Gradients.Data(_set["unused"]).Fill(7);
        Pass(plain, withUnused: false);
        Tensor y = Linear.Apply(looking, looking.Create(new Shape(1, 3), [1, 2, 3]), looking.Use(_weight));
        Assert.Null(looking.BackwardFindingNonFinite(CrossEntropy.Apply(looking, y, [1])));
        foreach (Parameter parameter in _set.Parameters)
        {
            Assert.Equal(plain.Gradients.Data(parameter).ToArray(), looking.Gradients.Data(parameter).ToArray());
        }
    }

    private float Pass(Tape tape, bool withUnused)
    {
        tape.Reset();
        Tensor y = Linear.Apply(tape, tape.Create(new Shape(1, 3), [1, 2, 3]), tape.Use(_weight)); // [1, 2]
        Tensor loss = CrossEntropy.Apply(tape, y, [1]);
        if (withUnused)
        {
            Tensor x = tape.Create(new Shape(1, 4), [1, 2, 3, 4]);
            Tensor normed = LayerNorm.Apply(tape, x, tape.Use(_unused), tape.Create(new Shape(4), [0, 0, 0, 0]));
            loss = Residual.Add(tape, loss, CrossEntropy.Apply(tape, normed, [0]));
        }

        tape.Backward(loss);
        return loss.Data[0];
    }
}
