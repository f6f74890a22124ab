namespace Habla.Tensors.Kernels;

/// <summary>Some columns of B, as wide as a tile.</summary>
/// <param name="data">The first element.</param>
/// <param name="stride">From one row to the next.</param>
/// <param name="columns">Columns of it that are wanted.</param>
/// <param name="width">The width of the tile.</param>
/// <param name="copy">Where the first tile packs it for the others; null when it stays where it is.</param>
internal readonly unsafe struct Panel(float* data, int stride, int columns, int width, float* copy = null)
{
    public float* Data => data;

    public int Stride => stride;

    public int Columns => columns;

    public int Width => width;

    public float* Copy => copy;
}
