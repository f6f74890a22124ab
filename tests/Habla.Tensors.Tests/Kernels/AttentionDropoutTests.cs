using Habla.Tensors.Kernels;

namespace Habla.Tensors.Tests.Kernels;

public unsafe class AttentionDropoutTests
{
    /// <summary>However a step's samples are dealt out to passes, a sample's rows lie at its own place in the stream.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(257)]
    public void Samples_have_the_same_bits_together_and_alone(int positions)
    {
        AttentionShape whole = new(3, positions, 2, 4), single = whole with { Batch = 1 };
        var random = new SeededRandom(1, RandomPurpose.Dropout, 2);
        ulong[] together = Draw(whole, random, firstGroup: 40);
        Assert.Equal(together.Length, 2 * 3 * AttentionDropout.GroupsPerSample(whole));
        for (int sample = 0; sample < 3; sample++)
        {
            ulong[] alone = Draw(single, random, 40 + ((ulong)sample * (ulong)AttentionDropout.GroupsPerSample(single)));
            Assert.Equal(alone, together.AsSpan(sample * alone.Length, alone.Length));
        }
    }

    [Fact]
    public void A_query_needs_no_bits_beyond_the_keys_it_sees_but_has_all_of_those()
    {
        var shape = new AttentionShape(1, 257, 1, 4);
        ulong[] all = Draw(shape, new SeededRandom(1, RandomPurpose.Dropout, 2), 0);
        ulong[] rows = new ulong[all.Length];
        fixed (ulong* kept = rows)
        {
            var dropout = new AttentionDropout(new SeededRandom(1, RandomPurpose.Dropout, 2), 0, 0.5f, kept);
            for (int query = 0; query < shape.Positions; query++)
            {
                new Span<ulong>(rows).Clear();
                dropout.Draw(shape, 0, query, 1);
                int first = query * AttentionDropout.WordsPerRow(shape), words = (query / 64) + 1;
                Assert.Equal(all.AsSpan(first, words), rows.AsSpan(first, words));
                Assert.DoesNotContain(rows[..first], word => word != 0);
            }
        }
    }

    private static ulong[] Draw(AttentionShape shape, SeededRandom random, ulong firstGroup)
    {
        ulong[] bits = new ulong[AttentionDropout.WordCount(shape)];
        fixed (ulong* kept = bits)
        {
            var dropout = new AttentionDropout(random, firstGroup, 0.5f, kept);
            for (int piece = 0; piece < shape.Batch * shape.Heads; piece++)
            {
                for (int first = 0; first < shape.Positions; first += AttentionShape.QueryBlock)
                {
                    dropout.Draw(shape, piece, first, Math.Min(AttentionShape.QueryBlock, shape.Positions - first));
                }
            }
        }

        return bits;
    }
}
