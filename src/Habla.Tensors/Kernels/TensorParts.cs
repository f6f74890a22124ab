namespace Habla.Tensors.Kernels;

/// <summary>
/// A tensor's numbers for work that takes them matrix by matrix. Those in float32 it sees where they are; those in 16 bits it
/// copies to scratch memory of its thread and back, so that no window on the whole tensor is needed.
/// </summary>
/// <param name="numbers">Float32 numbers, or null.</param>
/// <param name="stored">16-bit numbers, or null.</param>
/// <param name="format">Their format.</param>
internal readonly unsafe struct TensorParts(float* numbers, ushort* stored, ActivationFormat format)
{
    public static implicit operator TensorParts(float* numbers) => new(numbers, null, ActivationFormat.Float32);

    /// <summary>Floats of scratch memory that a matrix takes.</summary>
    public long ScratchFor(int rows, int columns) =>
        stored is null ? 0 : (((long)rows * columns) + Lanes.Count - 1) / Lanes.Count * Lanes.Count;

    /// <summary>A matrix within the tensor.</summary>
    /// <param name="place">Where it begins, and from one row to the next.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="columns">How many columns.</param>
    /// <param name="scratch">Has room for <see cref="ScratchFor"/>.</param>
    /// <param name="read">Whether the numbers are wanted, or are all to be written.</param>
    public MatrixView Open((long First, int Stride) place, int rows, int columns, AttentionScratch scratch, bool read = true)
    {
        if (stored is null)
        {
            return MatrixView.RowMajor(numbers + place.First, place.Stride);
        }

        float* copy = scratch.Take(ScratchFor(rows, columns));
        for (int row = 0; row < rows && read; row++)
        {
            SixteenBits.Widen(format, stored + place.First + ((long)row * place.Stride), copy + ((long)row * columns), columns);
        }

        return MatrixView.RowMajor(copy, columns);
    }

    /// <summary>Stores a matrix that was opened and written.</summary>
    public void Store(MatrixView matrix, (long First, int Stride) place, int rows, int columns)
    {
        for (int row = 0; row < rows && stored is not null; row++)
        {
            SixteenBits.Round(format, matrix.From(row, 0).Data, stored + place.First + ((long)row * place.Stride), columns);
        }
    }
}
