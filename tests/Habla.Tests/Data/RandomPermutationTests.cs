using Habla.Data;

namespace Habla.Tests.Data;

public class RandomPermutationTests
{
    [Fact]
    public void Each_number_has_one_place_for_every_size()
    {
        for (int count = 1; count <= 2000; count++)
        {
            var permutation = new RandomPermutation(count, 11, epoch: 3);
            bool[] seen = new bool[count];
            for (int place = 0; place < count; place++)
            {
                long number = permutation[place];
                Assert.InRange(number, 0, count - 1);
                Assert.False(seen[number], $"{number} of {count} twice");
                seen[number] = true;
            }
        }
    }

    [Theory]
    [InlineData(1_000_003)]
    [InlineData((1L << 32) - 1)]
    [InlineData((1L << 32) + 1)]
    [InlineData(5_000_000_000)]
    [InlineData(1L << 62)]
    public void Places_of_large_orders_differ_and_stay_below(long count)
    {
        var permutation = new RandomPermutation(count, 11, epoch: 0);
        long[] numbers = [.. Enumerable.Range(0, 20_000).Select(i => permutation[i]), .. Enumerable.Range(1, 20_000).Select(i => permutation[count - i])];
        Assert.Equal(40_000, numbers.Distinct().Count());
        Assert.All(numbers, number => Assert.InRange(number, 0, count - 1));
        Assert.InRange(numbers.Average(number => (double)number / count), 0.48, 0.52);
    }

    /// <summary>
    /// Over many seeds every number comes to a place equally often. With 1,000 numbers in 50 bins the statistic has mean 49 and
    /// standard deviation 9.9; 110 is passed by chance once in some 700,000 times. Seeds are fixed, so the outcome is too.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(499)]
    [InlineData(999)]
    public void What_stands_at_a_place_is_spread_evenly_over_seeds(int place)
    {
        int[] bins = new int[50];
        const int Seeds = 20_000;
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            bins[new RandomPermutation(1000, seed, epoch: 0)[place] / 20]++;
        }

        double expected = Seeds / 50.0;
        Assert.InRange(bins.Sum(count => (count - expected) * (count - expected) / expected), 15, 110);
    }

    /// <summary>In one order neighbours are not neighbours: differences are as those of random numbers.</summary>
    [Theory]
    [InlineData(1000)]
    [InlineData(65_536)]
    [InlineData(100_000)]
    public void Neighbours_are_not_kept_together(int count)
    {
        var permutation = new RandomPermutation(count, 5, epoch: 0);
        int near = Enumerable.Range(0, count - 1).Count(place => Math.Abs(permutation[place] - permutation[place + 1]) <= count / 100);
        Assert.InRange((double)near / count, 0.01, 0.03); // 2 % by chance
    }

    [Fact]
    public void Seeds_and_epochs_give_orders_of_their_own_and_the_same_ones_again()
    {
        Assert.Equal(Order(1, 0), Order(1, 0));
        Assert.NotEqual(Order(1, 0), Order(1, 1));
        Assert.NotEqual(Order(1, 0), Order(2, 0));
        Assert.InRange(Order(1, 0).Zip(Order(1, 1)).Count(pair => pair.First == pair.Second), 0, 8); // 1 is to be expected
    }

    /// <summary>A resumed run needs the order that it began with, in any later version. The numbers come from another program.</summary>
    [Theory]
    [InlineData(10, new long[] { 8, 4, 3, 6, 9, 2, 5, 1, 7, 0 })]
    [InlineData(5_000_000_000, new long[] { 3_750_596_859, 2_702_740_432, 2_839_587_771, 2_469_249_264 })]
    public void An_order_never_changes(long count, long[] expected)
    {
        var permutation = new RandomPermutation(count, seed: 1234, epoch: 2);
        Assert.Equal(expected, Enumerable.Range(0, expected.Length).Select(place => permutation[place]));
    }

    private static long[] Order(ulong seed, uint epoch) =>
        [.. Enumerable.Range(0, 500).Select(place => new RandomPermutation(500, seed, epoch)[place])];
}
