namespace Habla.Tensors;

/// <summary>What kind of parameter it is: decides its first values and whether weight decay applies.</summary>
public enum ParameterKind
{
    /// <summary>A matrix or an embedding table: random normal at first, decayed.</summary>
    Weight,

    /// <summary>An additive vector: zero at first, not decayed.</summary>
    Bias,

    /// <summary>The gain of a normalization: one at first, not decayed.</summary>
    Gain,
}

/// <summary>A named, shaped slice of a <see cref="ParameterSet"/>.</summary>
public sealed class Parameter
{
    internal Parameter(ParameterSet owner, string name, Shape shape, ParameterKind kind, int index, long offset) =>
        (Owner, Name, Shape, Kind, Index, Offset) = (owner, name, shape, kind, index, offset);

    /// <summary>The path of the parameter, such as "blocks.0.attention.query.weight".</summary>
    public string Name { get; }

    /// <summary>The sizes of the dimensions; a linear map's weight is <c>[out, in]</c>.</summary>
    public Shape Shape { get; }

    /// <summary>What kind of parameter it is.</summary>
    public ParameterKind Kind { get; }

    /// <summary>Position in the set, from 0.</summary>
    public int Index { get; }

    /// <summary>Where its numbers start in the set's flat buffer, in floats.</summary>
    public long Offset { get; }

    /// <summary>The set it is a slice of.</summary>
    internal ParameterSet Owner { get; }
}

/// <summary>
/// One parameter, or several that lie side by side in memory seen as one: the query, key and value weights are three
/// parameters with names of their own and yet one <c>[3C, C]</c> matrix to multiply with.
/// </summary>
public sealed class ParameterView
{
    internal ParameterView(Parameter first, Parameter last, Shape shape) => (First, Last, Shape) = (first, last, shape);

    /// <summary>The shape of the whole.</summary>
    public Shape Shape { get; }

    internal ParameterSet Owner => First.Owner;

    internal Parameter First { get; }

    internal Parameter Last { get; }
}
