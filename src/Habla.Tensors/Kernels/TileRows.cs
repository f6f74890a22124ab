using System.Runtime.CompilerServices;

namespace Habla.Tensors.Kernels;

/// <summary>The rows of a tile of C, all in registers. Strides are in bytes.</summary>
internal unsafe interface ITileRows<TVector>
{
    /// <summary>Takes what the sums start from: row i is at <paramref name="start"/> + i·stride, or zero where that is null.</summary>
    void Start(float* start, nint stride);

    /// <summary>Adds one product to every element: a number of A for each row times a row of B.</summary>
    void MultiplyAdd(float* a, nint aStride, TVector left, TVector right);

    void Store(float* c, nint cStride);
}

/// <summary>No rows: the end of a list.</summary>
internal unsafe struct NoRows<TVector> : ITileRows<TVector>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Start(float* start, nint stride)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void MultiplyAdd(float* a, nint aStride, TVector left, TVector right)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(float* c, nint cStride)
    {
    }
}

/// <summary>
/// A row and the rows below it. A tile of any height is a list of these; the compiler inlines the list and gives each row registers
/// of its own, so what is written once here is as fast as a kernel written out for each height.
/// </summary>
/// <remarks><see cref="TileKernels{TVector, TColumns}"/> has the figures, and those of two forms that were not kept in registers.</remarks>
internal unsafe struct Row<TVector, TColumns, TBelow> : ITileRows<TVector>
    where TColumns : struct, ITileVectors<TVector>
    where TBelow : struct, ITileRows<TVector>
{
    private TVector _left, _right;
#pragma warning disable CS0649, IDE0044 // it begins as zeros, and its own methods change it
    private TBelow _below;
#pragma warning restore CS0649, IDE0044

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Start(float* start, nint stride)
    {
        if (start is not null)
        {
            _left = TColumns.Load(start);
            if (TColumns.HasRight)
            {
                _right = TColumns.Load(start + TColumns.Width);
            }

            start = (float*)((byte*)start + stride);
        }

        _below.Start(start, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MultiplyAdd(float* a, nint aStride, TVector left, TVector right)
    {
        TVector x = TColumns.Broadcast(a);
        _left = TColumns.MultiplyAdd(x, left, _left);
        if (TColumns.HasRight)
        {
            _right = TColumns.MultiplyAdd(x, right, _right);
        }

        _below.MultiplyAdd((float*)((byte*)a + aStride), aStride, left, right);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(float* c, nint cStride)
    {
        TColumns.Store(_left, c);
        if (TColumns.HasRight)
        {
            TColumns.Store(_right, c + TColumns.Width);
        }

        _below.Store((float*)((byte*)c + cStride), cStride);
    }
}
