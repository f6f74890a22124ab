namespace Habla.Tensors.Tests;

public class SeededRandomTests
{
    /// <summary>The known answers that the authors of Philox publish (Random123, kat_vectors: philox4x32 10).</summary>
    [Theory]
    [InlineData(0ul, 0u, 0u, 0ul, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(ulong.MaxValue, uint.MaxValue, uint.MaxValue, ulong.MaxValue, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x299f31d0a4093822ul, 0x03707344u, 0x13198a2eu, 0x85a308d3243f6a88ul, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Gives_the_published_words(ulong seed, uint purpose, uint step, ulong counter, uint w0, uint w1, uint w2, uint w3)
    {
        var random = new SeededRandom(seed, (RandomPurpose)purpose, step);
        Assert.Equal(new PhiloxBlock(w0, w1, w2, w3), random.Block(counter));
    }

    [Fact]
    public void Normal_numbers_have_mean_0_and_variance_1()
    {
        var random = new SeededRandom(42, RandomPurpose.Initialization);
        double sum = 0, squares = 0;
        const int count = 100_000;
        for (ulong i = 0; i < count; i++)
        {
            double x = random.Normal(i);
            sum += x;
            squares += x * x;
        }

        Assert.InRange(sum / count, -0.02, 0.02);
        Assert.InRange(squares / count, 0.98, 1.02);
    }

    [Fact]
    public void Shuffle_is_a_permutation_that_only_the_stream_decides()
    {
        int[] first = [.. Enumerable.Range(0, 1000)], second = [.. first], other = [.. first];
        new SeededRandom(7, RandomPurpose.DataOrder, 3).Shuffle<int>(first);
        new SeededRandom(7, RandomPurpose.DataOrder, 3).Shuffle<int>(second);
        new SeededRandom(7, RandomPurpose.DataOrder, 4).Shuffle<int>(other);
        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
        Assert.Equal(Enumerable.Range(0, 1000), first.Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Below_reaches_each_value_about_equally_often(int bound)
    {
        var random = new SeededRandom(1, RandomPurpose.Sampling);
        int[] counts = new int[bound];
        for (ulong i = 0; i < 7000; i++)
        {
            counts[random.Below(i, bound)]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 7000 / bound * 0.85, 7000 / bound * 1.15));
    }
}
