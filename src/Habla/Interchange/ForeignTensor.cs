namespace Habla.Interchange;

/// <summary>How the numbers of a tensor lie in another program's file.</summary>
public enum TensorLayout
{
    /// <summary>As here: a matrix has an output a row.</summary>
    OutputRows,

    /// <summary>A matrix has an input a row, as GPT-2's "Conv1D" keeps it.</summary>
    InputRows,

    /// <summary>
    /// A matrix has an output a row, and within each head the two rows that rotary positions turn together stand side by side: rows 0, D/2,
    /// 1, D/2 + 1 and so on, as llama.cpp's rotation of neighbours wants queries and keys.
    /// </summary>
    PairedRows,
}

/// <summary>A tensor of another program's file, and the parameters here that it is made of.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Parameters">The names here; of several, the rows of one stand below those of the other.</param>
/// <param name="Layout">How its numbers lie there. Default as here.</param>
/// <param name="HeadSize">D, for <see cref="TensorLayout.PairedRows"/>; else 0.</param>
public sealed record ForeignTensor(
    string Name, IReadOnlyList<string> Parameters, TensorLayout Layout = TensorLayout.OutputRows, int HeadSize = 0)
{
    /// <summary>A tensor that is one parameter here.</summary>
    /// <param name="name">Its name there.</param>
    /// <param name="parameter">The name here.</param>
    /// <param name="layout">How its numbers lie there.</param>
    /// <param name="headSize">D, for <see cref="TensorLayout.PairedRows"/>.</param>
    public static ForeignTensor Of(string name, string parameter, TensorLayout layout = TensorLayout.OutputRows, int headSize = 0) =>
        new(name, [parameter], layout, headSize);
}
