using Habla.Checkpoints;
using Habla.Tensors;

namespace Habla.Interchange.Gguf;

/// <summary>A tensor to be written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">The sizes of its dimensions, outermost first (the file has them the other way round).</param>
/// <param name="Type">How its numbers are stored.</param>
/// <param name="Data">Gives its numbers in row-major order when the writer comes to them.</param>
internal sealed record GgufTensor(string Name, IReadOnlyList<int> Shape, GgufType Type, SafetensorsData Data)
{
    /// <summary>Bytes of a q8_0 block: a float16 scale and a byte a number.</summary>
    public const int BlockBytes = 2 + Q8Block.Size;

    public long Count { get; } = Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Bytes that its numbers take, without what fills up to the next tensor.</summary>
    public long Bytes => Type switch
    {
        GgufType.F32 => 4 * Count,
        GgufType.F16 => 2 * Count,
        _ => Count / Q8Block.Size * BlockBytes,
    };
}
