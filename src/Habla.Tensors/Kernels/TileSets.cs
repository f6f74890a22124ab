using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Habla.Tensors.Kernels;

/// <summary>The tiles that suit one instruction set. All give the same bits.</summary>
/// <remarks>
/// A tile is as large as its sums fit the registers beside a row of B and a number of A: 24 + 2 + 1 of 32 with AVX-512, 12 + 2 + 1 of
/// 16 with AVX2. <see cref="TileKernels{TVector, TColumns}"/> has the speed of these and of others.
/// </remarks>
internal interface ITileSet
{
    /// <summary>How wide a panel of B is, and a tile at most.</summary>
    static abstract int Width { get; }

    /// <summary>How high a tile is at most.</summary>
    static abstract int Height { get; }

    /// <summary>How wide the last panel is that holds this many columns; what lies beyond them is computed and not kept.</summary>
    static abstract int WidthFor(int columns);

    /// <summary>Computes one tile of a height from 1 to <see cref="Height"/> and a width that <see cref="WidthFor"/> gave.</summary>
    static abstract void Run(int rows, int width, in TileJob job);
}

/// <summary>12 × 32 and 12 × 16 in the 32 registers of AVX-512.</summary>
internal readonly struct WideTiles : ITileSet
{
    /// <summary>Whether this machine has the registers for it.</summary>
    public static bool AreBest => Vector512.IsHardwareAccelerated;

    public static int Width => 32;

    public static int Height => 12;

    public static int WidthFor(int columns) => columns > 16 ? 32 : 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(int rows, int width, in TileJob job)
    {
        if (width == 32)
        {
            TileKernels<Vector512<float>, WideColumns<TwoRegisters>>.Run(rows, job);
        }
        else
        {
            TileKernels<Vector512<float>, WideColumns<OneRegister>>.Run(rows, job);
        }
    }
}

/// <summary>6 × 16 in the 16 registers of AVX2, and of machines that have less.</summary>
internal readonly struct NarrowTiles : ITileSet
{
    public static int Width => 16;

    public static int Height => 6;

    public static int WidthFor(int columns) => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(int rows, int width, in TileJob job) => TileKernels<Vector256<float>, HalfColumns16>.Run(rows, job);
}
