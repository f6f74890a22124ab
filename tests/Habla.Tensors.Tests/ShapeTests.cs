namespace Habla.Tensors.Tests;

public class ShapeTests
{
    [Fact]
    public void Counts_rows_columns_and_elements()
    {
        var shape = new Shape(2, 3, 4, 5);
        Assert.Equal((4, 120, 24, 5), (shape.Rank, shape.Count, shape.Rows, shape.Columns));
        Assert.Equal("[2, 3, 4, 5]", shape.ToString());
        Assert.Equal((1, 7, 1, 7), (new Shape(7).Rank, new Shape(7).Count, new Shape(7).Rows, new Shape(7).Columns));
    }

    [Fact]
    public void Is_equal_by_dimensions_and_rank()
    {
        Assert.True(new Shape(2, 3) == new Shape(2, 3));
        Assert.True(new Shape(2, 3) != new Shape(3, 2));
        Assert.False(new Shape(2) == new Shape(2, 1));
        Assert.Equal(new Shape(2, 3).GetHashCode(), new Shape(2, 3).GetHashCode());
        Assert.False(new Shape(2).Equals("[2]"));
    }

    [Fact]
    public void Takes_other_columns()
    {
        Assert.Equal(new Shape(9), new Shape(2).WithColumns(9));
        Assert.Equal(new Shape(2, 9), new Shape(2, 3).WithColumns(9));
        Assert.Equal(new Shape(2, 3, 9), new Shape(2, 3, 4).WithColumns(9));
        Assert.Equal(new Shape(2, 3, 4, 9), new Shape(2, 3, 4, 5).WithColumns(9));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_dimension_below_one_is_named(int size) =>
        Assert.Equal(
            $"shape [2, {size}, 4]: dimension 1 is {size}, but must be at least 1",
            Assert.Throws<ShapeException>(() => new Shape(2, size, 4)).Message);

    [Fact]
    public void More_elements_than_an_index_can_count_are_refused() =>
        Assert.Equal(
            "shape [65536, 32768, 4] has more than 2147483647 elements, the most one tensor can hold",
            Assert.Throws<ShapeException>(() => new Shape(65536, 32768, 4)).Message);

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void An_axis_it_does_not_have_is_refused(int axis) =>
        Assert.Contains("shape [2, 3] has 2 dimensions", Assert.Throws<ArgumentOutOfRangeException>(() => new Shape(2, 3)[axis])
            .Message, StringComparison.Ordinal);
}
