using Habla.Tensors;

namespace Habla.Generation;

/// <summary>The names that weight formats have on the command line and in files.</summary>
public static class WeightFormats
{
    /// <summary>All names: float32, float16, q8_0.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<WeightFormat>().Select(Name)];

    /// <summary>The name of a format.</summary>
    /// <param name="format">Any format.</param>
    public static string Name(WeightFormat format) => format switch
    {
        WeightFormat.Float32 => "float32",
        WeightFormat.Float16 => "float16",
        WeightFormat.Q8 => "q8_0",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "not a format of weights"),
    };

    /// <summary>The format of a name.</summary>
    /// <param name="name">One of <see cref="Names"/>, or fp32 or fp16.</param>
    /// <exception cref="InvalidInputException">It is none of them; the message lists them.</exception>
    public static WeightFormat Named(string name) => Find(name)
        ?? throw new InvalidInputException($"there is no format of weights '{name}'; there are {string.Join(", ", Names)}");

    /// <summary>The format of a name, or null.</summary>
    /// <param name="name">One of <see cref="Names"/>, or fp32 or fp16, or none of them.</param>
    public static WeightFormat? Find(string name) => name switch
    {
        "float32" or "fp32" => WeightFormat.Float32,
        "float16" or "fp16" => WeightFormat.Float16,
        "q8_0" => WeightFormat.Q8,
        _ => null,
    };
}
