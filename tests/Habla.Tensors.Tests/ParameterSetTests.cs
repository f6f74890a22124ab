namespace Habla.Tensors.Tests;

public sealed class ParameterSetTests : IDisposable
{
    private readonly ParameterSet _set = new();

    public void Dispose() => _set.Dispose();

    [Fact]
    public void Neighbours_stack_into_one_view_over_the_same_memory()
    {
        ParameterView a = _set.Add("a", new Shape(2, 3), ParameterKind.Weight), b = _set.Add("b", new Shape(4, 3), ParameterKind.Weight);
        ParameterView both = ParameterSet.Stack(a, b);
        Assert.Equal(new Shape(6, 3), both.Shape);
        _set.Data(_set["a"]).Fill(1);
        _set.Data(_set["b"]).Fill(2);
        using var tape = new Tape(_set);
        Assert.Equal([.. Enumerable.Repeat(1f, 6), .. Enumerable.Repeat(2f, 12)], tape.Use(both).Data.ToArray());
    }

    [Fact]
    public void Vectors_stack_end_to_end() =>
        Assert.Equal(
            new Shape(5),
            ParameterSet.Stack(_set.Add("a", new Shape(2), ParameterKind.Bias), _set.Add("b", new Shape(3), ParameterKind.Bias)).Shape);

    [Fact]
    public void Parameters_that_are_not_neighbours_do_not_stack()
    {
        ParameterView a = _set.Add("a", new Shape(2, 3), ParameterKind.Weight);
        _set.Add("between", new Shape(1), ParameterKind.Bias);
        ParameterView b = _set.Add("b", new Shape(2, 3), ParameterKind.Weight);
        Assert.Equal(
            "stack of parameters: [2, 3] and [2, 3] do not fit: they must be neighbours with equal rows",
            Assert.Throws<ShapeException>(() => ParameterSet.Stack(a, b)).Message);
    }

    [Fact]
    public void Neighbours_in_the_wrong_order_do_not_stack()
    {
        ParameterView a = _set.Add("a", new Shape(2), ParameterKind.Bias), b = _set.Add("b", new Shape(2), ParameterKind.Bias);
        Assert.Throws<ShapeException>(() => ParameterSet.Stack(b, a));
    }

    [Fact]
    public void Rows_of_other_lengths_and_other_ranks_do_not_stack()
    {
        ParameterView a = _set.Add("a", new Shape(2, 3), ParameterKind.Weight);
        ParameterView b = _set.Add("b", new Shape(2, 4), ParameterKind.Weight), c = _set.Add("c", new Shape(4), ParameterKind.Bias);
        Assert.Contains(
            "[2, 3] and [2, 4]", Assert.Throws<ShapeException>(() => ParameterSet.Stack(a, b)).Message, StringComparison.Ordinal);
        Assert.Contains("[2, 4] and [4]", Assert.Throws<ShapeException>(() => ParameterSet.Stack(b, c)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_is_given_once_and_only_before_the_first_use()
    {
        _set.Add("a", new Shape(2), ParameterKind.Bias);
        Assert.Equal(
            "there is a parameter 'a' already",
            Assert.Throws<InvalidOperationException>(() => _set.Add("a", new Shape(3), ParameterKind.Bias)).Message);
        _set.Data(_set["a"]).Clear();
        Assert.Equal(
            "'b' comes too late: the parameters are in use",
            Assert.Throws<InvalidOperationException>(() => _set.Add("b", new Shape(3), ParameterKind.Bias)).Message);
        Assert.Equal(2, _set.Count);
    }

    [Fact]
    public void An_unknown_name_is_named() =>
        Assert.Equal("there is no parameter 'x'", Assert.Throws<KeyNotFoundException>(() => _set["x"]).Message);

    [Fact]
    public void Parameters_and_buffers_begin_with_zeros()
    {
        _set.Add("a", new Shape(100), ParameterKind.Weight);
        using ParameterBuffer buffer = _set.CreateBuffer();
        Assert.Equal(new float[100], _set.Data(_set["a"]).ToArray());
        Assert.Equal(new float[100], buffer.Data(_set["a"]).ToArray());
    }
}
