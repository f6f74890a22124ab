namespace Habla.Tensors.Tests;

public unsafe class ArenaTests
{
    [Fact]
    public void Slices_are_aligned_and_do_not_overlap()
    {
        using var arena = new Arena();
        nint end = 0;
        foreach (int count in new[] { 1, 16, 17, 3, 100 })
        {
            nint start = (nint)arena.Allocate(count);
            Assert.Equal(0, start % 64);
            Assert.True(start >= end);
            end = start + (count * sizeof(float));
        }
    }

    [Fact]
    public void The_second_pass_of_the_same_size_fits_into_one_slab_and_finds_the_same_places()
    {
        using var arena = new Arena();
        Pass(arena);
        arena.Reset();
        long capacity = arena.Capacity;
        nint[] second = Pass(arena);
        arena.Reset();
        nint[] third = Pass(arena);
        Assert.Equal(second, third);
        Assert.Equal(capacity, arena.Capacity);
    }

    [Fact]
    public void A_slice_that_grows_no_slab_of_its_own_survives_until_reset()
    {
        using var arena = new Arena();
        float* first = arena.Allocate(1 << 16);
        first[0] = 1;
        first[(1 << 16) - 1] = 2;
        arena.Allocate(1 << 20)[0] = 3;
        Assert.Equal((1f, 2f), (first[0], first[(1 << 16) - 1]));
    }

    private static nint[] Pass(Arena arena) =>
        [.. new[] { 1_000, 70_000, 5, 300_000, 33 }.Select(count => (nint)arena.Allocate(count))];
}
