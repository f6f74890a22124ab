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
