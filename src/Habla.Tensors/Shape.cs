namespace Habla.Tensors;

/// <summary>The sizes of a tensor's dimensions, outermost first, such as <c>[B, T, C]</c>; one to four of them.</summary>
public readonly struct Shape : IEquatable<Shape>
{
    private readonly int _d0, _d1, _d2, _d3;

    /// <summary>A shape with one dimension.</summary>
    /// <param name="d0">At least 1.</param>
    public Shape(int d0)
        : this(1, d0, 1, 1, 1)
    {
    }

    /// <summary>A shape with two dimensions.</summary>
    /// <param name="d0">Rows, at least 1.</param>
    /// <param name="d1">Columns, at least 1.</param>
    public Shape(int d0, int d1)
        : this(2, d0, d1, 1, 1)
    {
    }

    /// <summary>A shape with three dimensions.</summary>
    /// <param name="d0">Outermost, at least 1.</param>
    /// <param name="d1">Middle, at least 1.</param>
    /// <param name="d2">Innermost, at least 1.</param>
    public Shape(int d0, int d1, int d2)
        : this(3, d0, d1, d2, 1)
    {
    }

    /// <summary>A shape with four dimensions.</summary>
    /// <param name="d0">Outermost, at least 1.</param>
    /// <param name="d1">Second, at least 1.</param>
    /// <param name="d2">Third, at least 1.</param>
    /// <param name="d3">Innermost, at least 1.</param>
    public Shape(int d0, int d1, int d2, int d3)
        : this(4, d0, d1, d2, d3)
    {
    }

    private Shape(int rank, int d0, int d1, int d2, int d3)
    {
        (Rank, _d0, _d1, _d2, _d3) = (rank, d0, d1, d2, d3);
        for (int axis = 0; axis < rank; axis++)
        {
            if (this[axis] < 1)
            {
                throw new ShapeException($"shape {this}: dimension {axis} is {this[axis]}, but must be at least 1");
            }
        }

        long count = 1;
        for (int axis = 0; axis < rank; axis++)
        {
            count *= this[axis];
            if (count > int.MaxValue)
            {
                throw new ShapeException($"shape {this} has more than {int.MaxValue} elements, the most one tensor can hold");
            }
        }

        Count = (int)count;
    }

    /// <summary>How many dimensions there are, 1 to 4.</summary>
    public int Rank { get; }

    /// <summary>How many elements there are: the product of all dimensions.</summary>
    public int Count { get; }

    /// <summary>The size of the innermost dimension: the length of a row.</summary>
    public int Columns => this[Rank - 1];

    /// <summary>The product of all dimensions but the innermost.</summary>
    public int Rows => Count / Columns;

    /// <summary>The size of a dimension.</summary>
    /// <param name="axis">From 0 (outermost) to <see cref="Rank"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such dimension.</exception>
    public int this[int axis] => axis >= Rank || axis < 0
        ? throw new ArgumentOutOfRangeException(nameof(axis), axis, $"shape {this} has {Rank} dimensions")
        : axis switch { 0 => _d0, 1 => _d1, 2 => _d2, _ => _d3 };

    /// <summary>Whether two shapes have the same dimensions.</summary>
    /// <param name="left">One shape.</param>
    /// <param name="right">The other shape.</param>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Whether two shapes differ.</summary>
    /// <param name="left">One shape.</param>
    /// <param name="right">The other shape.</param>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>The same outer dimensions with another innermost one: what a linear map makes of <c>[B, T, C]</c>.</summary>
    /// <param name="columns">The new innermost size.</param>
    public Shape WithColumns(int columns) => Rank switch
    {
        1 => new Shape(columns),
        2 => new Shape(_d0, columns),
        3 => new Shape(_d0, _d1, columns),
        _ => new Shape(_d0, _d1, _d2, columns),
    };

    /// <inheritdoc/>
    public bool Equals(Shape other) =>
        (Rank, _d0, _d1, _d2, _d3) == (other.Rank, other._d0, other._d1, other._d2, other._d3);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rank, _d0, _d1, _d2, _d3);

    /// <summary>The dimensions in brackets, such as "[8, 32, 64]".</summary>
    public override string ToString() => Rank switch
    {
        0 => "[]",
        1 => $"[{_d0}]",
        2 => $"[{_d0}, {_d1}]",
        3 => $"[{_d0}, {_d1}, {_d2}]",
        _ => $"[{_d0}, {_d1}, {_d2}, {_d3}]",
    };
}
