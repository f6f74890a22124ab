namespace Habla.Checkpoints;

/// <summary>Gives a tensor's numbers when the writer comes to them, so that nothing is copied before.</summary>
/// <returns>The numbers in row-major order.</returns>
public delegate ReadOnlySpan<float> SafetensorsData();

/// <summary>A tensor to be written.</summary>
/// <param name="Name">Its name, unique in the file and not <c>__metadata__</c>.</param>
/// <param name="Shape">The sizes of its dimensions, outermost first; empty for a single number.</param>
/// <param name="Data">Gives its float32 numbers, as many as the product of <paramref name="Shape"/>.</param>
/// <param name="Dtype">What they are written as: F32 (the default), F16 or BF16, rounded to the nearest, ties to even.</param>
public sealed record SafetensorsEntry(
    string Name, IReadOnlyList<int> Shape, SafetensorsData Data, SafetensorsDtype Dtype = SafetensorsDtype.F32)
{
    /// <summary>A tensor whose numbers lie in ordinary memory.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">The sizes of its dimensions.</param>
    /// <param name="numbers">Its numbers in row-major order.</param>
    public static SafetensorsEntry Of(string name, IReadOnlyList<int> shape, ReadOnlyMemory<float> numbers) =>
        new(name, shape, () => numbers.Span);
}
