namespace Habla.Checkpoints;

/// <summary>What a safetensors file's header says about one tensor; checked against the file when it was opened.</summary>
/// <param name="Name">The tensor's name, unique in the file.</param>
/// <param name="Dtype">The format of its numbers.</param>
/// <param name="Shape">The sizes of its dimensions, outermost first; empty for a single number.</param>
/// <param name="ElementCount">How many numbers it holds: the product of <paramref name="Shape"/>.</param>
/// <param name="Begin">Where its bytes begin, counted from the end of the header.</param>
/// <param name="End">Where its bytes end (exclusive), counted from the end of the header.</param>
public sealed record SafetensorsTensor(
    string Name, SafetensorsDtype Dtype, IReadOnlyList<long> Shape, long ElementCount, long Begin, long End)
{
    internal string ShapeText => "[" + string.Join(", ", Shape) + "]";
}
