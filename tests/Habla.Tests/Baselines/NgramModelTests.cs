using FsCheck;
using FsCheck.Fluent;
using Habla.Baselines;

namespace Habla.Tests.Baselines;

public class NgramModelTests
{
    private static readonly int[][] Train = NgramSamples.Sequences(seed: 1, count: 40);

    [Theory]
    [InlineData(NgramFamily.AddAlpha)]
    [InlineData(NgramFamily.KneserNey)]
    public void Probabilities_over_the_vocabulary_sum_to_one_in_every_context(NgramFamily family)
    {
        for (int order = 1; order <= 7; order++)
        {
            NgramModel model = NgramModel.Fit(
                Train, NgramSamples.VocabularySize, family, order, NgramSamples.SomeParameters(family, order));
            Prop.ForAll<byte[]>(drawn =>
            {
                // Contexts of any length, seen and unseen, with and without the beginning token, with the token never seen.
                int[] context = [.. (drawn ?? []).Select(value => value % NgramSamples.VocabularySize)];
                return SumsToOne(model, context);
            }).QuickCheckThrowOnFailure();
            Assert.All(Train.Take(10), sequence => Assert.All(
                Enumerable.Range(0, sequence.Length), length => Assert.True(SumsToOne(model, sequence[..length]))));
        }
    }

    [Theory]
    [InlineData(NgramFamily.AddAlpha)]
    [InlineData(NgramFamily.KneserNey)]
    public void A_token_never_seen_is_possible_and_an_unseen_context_is_no_surprise(NgramFamily family)
    {
        NgramModel model = NgramModel.Fit(Train, NgramSamples.VocabularySize, family, 3, NgramSamples.SomeParameters(family, 3));

        Assert.True(model.Probability([0, 4, 5], NgramSamples.NeverSeen) > 0);
        double unseen = model.Probability([NgramSamples.NeverSeen, NgramSamples.NeverSeen], 4);
        double expected = family == NgramFamily.AddAlpha
            ? 1.0 / NgramSamples.VocabularySize
            : ReferenceKneserNey.Probability(
                Train, NgramSamples.VocabularySize, 3, SomeDiscounts(3), [NgramSamples.NeverSeen, NgramSamples.NeverSeen], 4);
        Assert.Equal(expected, unseen, 12);
    }

    [Fact]
    public void Add_alpha_is_what_one_counts_by_hand()
    {
        // After 3 come 4, 4 and 5; V is 6. The first token is not predicted, so it is no unigram.
        int[][] train = [[0, 3, 4, 1], [0, 3, 4, 1], [0, 3, 5, 1]];

        Assert.Equal((2 + 0.5) / (3 + (0.5 * 6)), Fit(2).Probability([0, 3], 4), 15);
        Assert.Equal((0 + 0.5) / (3 + (0.5 * 6)), Fit(2).Probability([0, 3], 2), 15);
        Assert.Equal((3 + 0.5) / (9 + (0.5 * 6)), Fit(1).Probability([0], 3), 15);
        Assert.Equal((0 + 0.5) / (9 + (0.5 * 6)), Fit(1).Probability([0], 0), 15);
        Assert.Equal((3 + 0.5) / (3 + (0.5 * 6)), Fit(3).Probability([0], 3), 15);

        NgramModel Fit(int order) => NgramModel.Fit(train, 6, NgramFamily.AddAlpha, order, new NgramParameters(0.5, null));
    }

    [Fact]
    public void Kneser_Ney_agrees_with_a_slow_reading_of_its_definition()
    {
        for (int order = 1; order <= 5; order++)
        {
            NgramModel model = NgramModel.Fit(Train, NgramSamples.VocabularySize, NgramFamily.KneserNey, order,
                NgramSamples.SomeParameters(NgramFamily.KneserNey, order));
            foreach (int[] sequence in NgramSamples.Sequences(seed: 2, count: 6))
            {
                for (int position = 1; position < sequence.Length; position++)
                {
                    double expected = ReferenceKneserNey.Probability(
                        Train, NgramSamples.VocabularySize, order, SomeDiscounts(order), sequence[..position], sequence[position]);
                    Assert.Equal(expected, model.Probability(sequence.AsSpan(0, position), sequence[position]), 12);
                }
            }
        }
    }

    [Fact]
    public void A_word_bound_to_one_context_gets_little_elsewhere()
    {
        // The classic: "Francisco" is frequent but only ever follows "San" (6 after 5), so it is unlikely after anything new.
        int[][] train = [[0, 5, 6, 5, 6, 5, 6, 3, 4, 3, 7, 4, 7, 1], [0, 4, 3, 7, 3, 5, 6, 4, 1]];
        NgramModel model = NgramModel.Fit(train, 9, NgramFamily.KneserNey, 2, NgramSamples.SomeParameters(NgramFamily.KneserNey, 2));

        Assert.True(model.Probability([8], 6) < model.Probability([8], 4));
    }

    private static KneserNeyDiscount[] SomeDiscounts(int order) =>
        [.. NgramSamples.SomeParameters(NgramFamily.KneserNey, order).Discounts!];

    private static bool SumsToOne(NgramModel model, int[] context)
    {
        double sum = 0;
        for (int token = 0; token < NgramSamples.VocabularySize; token++)
            sum += model.Probability(context, token);
        return Math.Abs(sum - 1) < 1e-12;
    }
}
