namespace Habla.Tensors.Kernels;

/// <summary>Computes one tile of C in registers from packed panels of A and B.</summary>
internal unsafe interface IMicroKernel
{
    /// <summary>The tile's height, and that of A's panels.</summary>
    static abstract int Rows { get; }

    /// <summary>The tile's width, and that of B's panels.</summary>
    static abstract int Columns { get; }

    /// <summary>C = A·B or C += A·B for one whole tile.</summary>
    /// <param name="depth">How many products each element sums.</param>
    /// <param name="a">A panel: <see cref="Rows"/> floats for each k.</param>
    /// <param name="b">A panel: <see cref="Columns"/> floats for each k.</param>
    /// <param name="c">The tile's first element.</param>
    /// <param name="cStride">From one row of C to the next.</param>
    /// <param name="accumulate">Whether to start from C instead of zero.</param>
    static abstract void Run(int depth, float* a, float* b, float* c, int cStride, bool accumulate);
}
