namespace Habla.Tensors.Kernels;

/// <summary>What the sums of a product start from.</summary>
/// <param name="Data">Row i is at Data + i·Stride; null for zero.</param>
/// <param name="Stride">From one row to the next; 0 when all start from the same.</param>
internal readonly unsafe record struct SumStart(nint Data, int Stride)
{
    public static SumStart Zero => default;

    /// <summary>Every row starts from the same vector, such as a bias.</summary>
    public static SumStart Row(float* vector) => new((nint)vector, 0);

    /// <summary>Adds to what a matrix holds.</summary>
    public static SumStart Matrix(float* data, int stride) => new((nint)data, stride);

    public float* Pointer => (float*)Data;

    public SumStart From(int row, int column) =>
        Data == 0 ? this : Matrix(Pointer + ((long)row * Stride) + column, Stride);
}
