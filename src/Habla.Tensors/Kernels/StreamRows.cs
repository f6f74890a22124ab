using System.Runtime.CompilerServices;

namespace Habla.Tensors.Kernels;

/// <summary>A row of y and the rows below it, four vectors each, all in registers, while a panel of weights streams by.</summary>
/// <remarks>
/// The same list of structs as <see cref="Row{TVector, TColumns, TBelow}"/>; a row is two structs of two vectors, because the
/// compiler keeps a struct of five fields in memory.
/// </remarks>
internal unsafe struct StreamRow<TVector, TColumns, TBelow> : IStreamRows<TVector>
    where TColumns : struct, ITileVectors<TVector>
    where TBelow : struct, IStreamRows<TVector>
{
    private TVector _y0, _y1;
#pragma warning disable CS0649, IDE0044 // it begins as zeros, and its own methods change it
    private RightHalf<TVector, TColumns, TBelow> _right;
#pragma warning restore CS0649, IDE0044

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Start(float* start, nint stride)
    {
        if (start is not null)
        {
            (_y0, _y1) = (TColumns.Load(start), TColumns.Load(start + TColumns.Width));
        }

        _right.Start(start, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MultiplyAdd(float* x, nint stride, TVector w0, TVector w1, TVector w2, TVector w3)
    {
        TVector one = TColumns.Broadcast(x);
        _y0 = TColumns.MultiplyAdd(one, w0, _y0);
        _y1 = TColumns.MultiplyAdd(one, w1, _y1);
        _right.MultiplyAdd(one, x, stride, w0, w1, w2, w3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(float* y, nint stride)
    {
        TColumns.Store(_y0, y);
        TColumns.Store(_y1, y + TColumns.Width);
        _right.Store(y, stride);
    }
}

/// <summary>The right two vectors of a row, and the rows below it.</summary>
internal unsafe struct RightHalf<TVector, TColumns, TBelow>
    where TColumns : struct, ITileVectors<TVector>
    where TBelow : struct, IStreamRows<TVector>
{
    private TVector _y2, _y3;
#pragma warning disable CS0649, IDE0044 // as above
    private TBelow _below;
#pragma warning restore CS0649, IDE0044

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Start(float* start, nint stride)
    {
        if (start is not null)
        {
            (_y2, _y3) = (TColumns.Load(start + (2 * TColumns.Width)), TColumns.Load(start + (3 * TColumns.Width)));
            start += stride;
        }

        _below.Start(start, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MultiplyAdd(TVector one, float* x, nint stride, TVector w0, TVector w1, TVector w2, TVector w3)
    {
        _y2 = TColumns.MultiplyAdd(one, w2, _y2);
        _y3 = TColumns.MultiplyAdd(one, w3, _y3);
        _below.MultiplyAdd(x + stride, stride, w0, w1, w2, w3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(float* y, nint stride)
    {
        TColumns.Store(_y2, y + (2 * TColumns.Width));
        TColumns.Store(_y3, y + (3 * TColumns.Width));
        _below.Store(y + stride, stride);
    }
}

/// <summary>Rows of y of four vectors each. Strides are in floats.</summary>
internal unsafe interface IStreamRows<TVector>
{
    /// <summary>Takes what the sums start from; null for zero.</summary>
    void Start(float* start, nint stride);

    /// <summary>Adds one product to every element: a number of x for each row times the weights of one input.</summary>
    void MultiplyAdd(float* x, nint stride, TVector w0, TVector w1, TVector w2, TVector w3);

    void Store(float* y, nint stride);
}

/// <summary>No rows: the end of a list.</summary>
internal unsafe struct NoStreamRows<TVector> : IStreamRows<TVector>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Start(float* start, nint stride)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void MultiplyAdd(float* x, nint stride, TVector w0, TVector w1, TVector w2, TVector w3)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(float* y, nint stride)
    {
    }
}
