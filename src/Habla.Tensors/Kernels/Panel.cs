namespace Habla.Tensors.Kernels;

/// <summary>Some columns of B, as wide as a tile.</summary>
/// <param name="Address">Of the first element.</param>
/// <param name="Stride">From one row to the next.</param>
/// <param name="Columns">Columns of it that are wanted.</param>
/// <param name="Width">The width of the tile.</param>
internal readonly unsafe record struct Panel(nint Address, int Stride, int Columns, int Width)
{
    public Panel(float* data, int stride, int columns, int width)
        : this((nint)data, stride, columns, width)
    {
    }

    public float* Data => (float*)Address;
}
