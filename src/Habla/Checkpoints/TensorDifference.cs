using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace Habla.Checkpoints;

/// <summary>Where the numbers of a safetensors file first differ, in the order of the file, from those that were expected.</summary>
public sealed record TensorDifference
{
    /// <summary>The file's name, such as <c>weights.safetensors</c>.</summary>
    public required string File { get; init; }

    /// <summary>The first tensor with other bytes; null when the file as a whole is the problem.</summary>
    public string? Tensor { get; init; }

    /// <summary>The first element of it that differs, counted from 0 in row-major order; null without one.</summary>
    public long? Element { get; init; }

    /// <summary>The same place as an index a dimension, outermost first; null without one.</summary>
    public IReadOnlyList<long>? Index { get; init; }

    /// <summary>The number that the file has there; null without one.</summary>
    public float? Recorded { get; init; }

    /// <summary>The number that the replay has there; null without one.</summary>
    public float? Replayed { get; init; }

    /// <summary>How many of the tensor's numbers differ.</summary>
    [JsonPropertyName("differing")]
    public long DifferingCount { get; init; }

    /// <summary>How many numbers the tensor has.</summary>
    [JsonPropertyName("elements")]
    public long ElementCount { get; init; }

    /// <summary>What is wrong when it is not a number that differs; null otherwise.</summary>
    public string? Problem { get; init; }

    /// <summary>The place in words: <c>blocks.0.attention.query.weight[3, 5]</c>, or the problem.</summary>
    public override string ToString() => Problem ?? $"{Tensor}[{string.Join(", ", Index!)}]";

    /// <summary>Finds the first difference between a file, which is known to differ, and the tensors that it should hold.</summary>
    /// <param name="path">The file; it may be damaged.</param>
    /// <param name="expected">What it should hold.</param>
    internal static TensorDifference Find(string path, IReadOnlyList<SafetensorsEntry> expected)
    {
        string name = Path.GetFileName(path);
        try
        {
            using SafetensorsFile file = SafetensorsFile.Open(path);
            foreach (SafetensorsTensor tensor in file.Tensors)
            {
                if (expected.FirstOrDefault(entry => entry.Name == tensor.Name) is not { } entry)
                {
                    return new() { File = name, Tensor = tensor.Name, Problem = $"tensor {tensor.Name} is not one of the model's" };
                }

                file.Expect(tensor.Name, [.. entry.Shape]);
                float[] recorded = new float[tensor.ElementCount];
                file.Read(tensor.Name, recorded);
                if (Compare(recorded, entry.Data()) is var (first, count) && count > 0)
                {
                    return new()
                    {
                        File = name, Tensor = tensor.Name, Element = first, Index = IndexOf(first, tensor.Shape),
                        Recorded = recorded[first],
                        Replayed = entry.Data()[first], DifferingCount = count, ElementCount = recorded.Length,
                    };
                }
            }

            string? missing = expected.FirstOrDefault(entry => !file.Contains(entry.Name))?.Name;
            return new()
            {
                File = name, Tensor = missing,
                Problem = missing is null ? "every number is the same, but the header is not" : $"tensor {missing} is missing",
            };
        }
        catch (SafetensorsException error)
        {
            return new() { File = name, Tensor = error.TensorName, Problem = error.Message };
        }
    }

    /// <summary>By bits: NaN is like itself, and 0 unlike -0.</summary>
    private static (int First, long Count) Compare(ReadOnlySpan<float> recorded, ReadOnlySpan<float> replayed)
    {
        ReadOnlySpan<uint> a = MemoryMarshal.Cast<float, uint>(recorded), b = MemoryMarshal.Cast<float, uint>(replayed);
        int first = a.CommonPrefixLength(b);
        long count = 0;
        for (int i = first; i < a.Length; i++)
        {
            count += a[i] == b[i] ? 0 : 1;
        }

        return (first, count);
    }

    private static long[] IndexOf(long element, IReadOnlyList<long> shape)
    {
        long[] index = new long[shape.Count];
        for (int axis = shape.Count - 1; axis >= 0; axis--)
        {
            (element, index[axis]) = Math.DivRem(element, shape[axis]);
        }

        return index;
    }
}
