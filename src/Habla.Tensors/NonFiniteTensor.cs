namespace Habla.Tensors;

/// <summary>The first tensor of a pass that holds a NaN or an infinity.</summary>
/// <param name="Description">Which tensor it is, what made it, and at which element, in words.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Element">The first bad number, counted through the tensor from 0.</param>
/// <param name="IsActivation">Whether its first dimension is the batch's rows, as in <c>[B, T, C]</c>; a parameter's is not.</param>
public sealed record NonFiniteTensor(string Description, Shape Shape, int Element, bool IsActivation)
{
    /// <summary>The row of the batch that the bad number belongs to, from 0; null when it cannot be told.</summary>
    /// <param name="batchSize">Rows of the pass, <c>B</c>.</param>
    public int? RowOf(int batchSize) =>
        batchSize == 1 ? 0
        : IsActivation && Shape.Rank > 1 && batchSize > 0 && Shape[0] == batchSize ? Element / (Shape.Count / batchSize)
        : null;

    /// <summary>The description.</summary>
    public override string ToString() => Description;
}
