namespace Habla.Tensors.Kernels;

/// <summary>A matrix somewhere in memory: element (i, j) is at <c>Data[i·RowStride + j·ColumnStride]</c>; one stride is 1.</summary>
internal readonly unsafe struct MatrixView(float* data, int rowStride, int columnStride)
{
    public float* Data { get; } = data;

    public int RowStride { get; } = rowStride;

    public int ColumnStride { get; } = columnStride;

    /// <summary>The same numbers with rows and columns exchanged.</summary>
    public MatrixView Transposed => new(Data, ColumnStride, RowStride);

    public static MatrixView RowMajor(float* data, int stride) => new(data, stride, 1);

    public MatrixView From(int row, int column) =>
        new(Data + ((long)row * RowStride) + ((long)column * ColumnStride), RowStride, ColumnStride);
}
