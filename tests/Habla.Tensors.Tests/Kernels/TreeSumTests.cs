using System.Runtime.Intrinsics;
using Habla.Tensors.Kernels;
using Habla.Tensors.Tests.Reference;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Kernels;

public unsafe class TreeSumTests
{
    [Fact]
    public void Vectors_are_added_in_the_tree()
    {
        var fuzz = new Fuzz(1);
        for (int parts = 1; parts <= 33; parts++)
        {
            float[][] values = [.. Enumerable.Range(0, parts).Select(_ => fuzz.Values(16))];
            Vector512<float> sum = TreeSum.Of([.. values.Select(part => Vector512.Create(part))]);
            Bits.AssertSame(Twin.Tree(values), [.. Enumerable.Range(0, 16).Select(i => sum[i])], $"{parts} parts");
        }
    }

    [Fact]
    public void Arrays_anywhere_are_added_in_the_tree_at_every_length()
    {
        var fuzz = new Fuzz(2);
        foreach (int length in Fuzz.Sizes)
        {
            int parts = 1 + fuzz.Below(17);
            Check(fuzz, length, parts, fuzz.Pool(), oneAfterAnother: false);
            Check(fuzz, length, parts, fuzz.Pool(), oneAfterAnother: true);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Long_arrays_are_added_in_stretches_that_threads_share(int threads)
    {
        var fuzz = new Fuzz(3);
        foreach (int length in (int[])[4095, 4096, 4097, 12_289, 40_000])
        {
            Check(fuzz, length, 2 + fuzz.Below(7), Fuzz.Pool(threads), oneAfterAnother: fuzz.Coin());
        }
    }

    private static void Check(Fuzz fuzz, int length, int parts, WorkerPool pool, bool oneAfterAnother)
    {
        float[][] values = [.. Enumerable.Range(0, parts).Select(_ => fuzz.Values(length))];
        using GuardedFloats first = new(values[0], fuzz.Offset());
        if (oneAfterAnother)
        {
            using GuardedFloats others = new([.. values.Skip(1).SelectMany(part => part)], fuzz.Offset());
            TreeSum.IntoFirst(first.Pointer, others.Pointer, parts, length, pool);
            others.AssertGuarded($"{parts} parts of {length}");
        }
        else
        {
            GuardedFloats[] others = [.. values.Skip(1).Select(part => new GuardedFloats(part, fuzz.Offset()))];
            TreeSum.IntoFirst([(nint)first.Pointer, .. others.Select(part => (nint)part.Pointer)], length, pool);
            foreach (GuardedFloats part in others)
            {
                part.AssertGuarded($"{parts} parts of {length}");
                part.Dispose();
            }
        }

        first.AssertHolds(Twin.Tree(values), $"{parts} parts of {length}");
    }
}
