using System.Text.Json;
using Habla.Baselines;
using Habla.Storage;
using Habla.Tensors;

namespace Habla.Tests.Baselines;

public class NgramBaselineTests
{
    private static readonly int[][] Train = NgramSamples.Sequences(seed: 1, count: 200);
    private static readonly int[][] Validation = NgramSamples.Sequences(seed: 2, count: 40);
    private static readonly BaselineResult Result = NgramBaseline.Run(Train, Validation, NgramSamples.VocabularySize);

    [Fact]
    public void There_is_a_row_for_each_family_and_order_over_the_same_tokens()
    {
        Assert.Equal(14, Result.Rows.Count);
        Assert.Equal(14, Result.Rows.Select(row => (row.Family, row.Order)).Distinct().Count());
        long expected = Validation.Sum(sequence => sequence.Length - 1);
        Assert.All(Result.Rows, row => Assert.Equal(expected, row.ValTokens));
        Assert.Equal(Train.Sum(sequence => sequence.Length - 1), Result.TrainTokens);
        Assert.Equal(Result.Rows.Min(row => row.ValPpl), Result.Best.ValPpl);
        Assert.Equal(Math.Log(Result.Best.ValPpl), Result.Best.ValLoss, 8);
    }

    [Fact]
    public void A_row_is_the_perplexity_of_its_model_token_by_token()
    {
        foreach (BaselineRow row in Result.Rows)
        {
            NgramModel model = NgramModel.Fit(Train, NgramSamples.VocabularySize, row.Family, row.Order, row.Parameters);
            double logarithms = 0;
            foreach (int[] sequence in Validation)
            {
                for (int position = 1; position < sequence.Length; position++)
                    logarithms += Math.Log(model.Probability(sequence.AsSpan(0, position), sequence[position]));
            }

            Assert.Equal(Math.Exp(-logarithms / row.ValTokens), row.ValPpl, 7);
        }
    }

    [Fact]
    public void The_law_behind_the_data_is_found_at_its_order()
    {
        // Each token follows from two: 3-grams have to be far better than 2-grams, longer ones no better than memory.
        Assert.Equal(3, Result.Best.Order);
        Assert.True(Row(NgramFamily.KneserNey, 3).ValPpl < 0.8 * Row(NgramFamily.KneserNey, 2).ValPpl);
        Assert.True(Row(NgramFamily.KneserNey, 7).ValPpl < Row(NgramFamily.AddAlpha, 7).ValPpl);
    }

    [Fact]
    public void Tuning_is_no_worse_than_any_single_discount_or_the_closed_form()
    {
        var slices = new TuningSlices(Train);
        var tuner = new NgramTuner(slices, 4, NgramSamples.VocabularySize);
        var (parameters, tuned) = tuner.KneserNey(4, [.. Enumerable.Repeat(KneserNeyDiscount.Single(0.5), 4)]);

        Assert.Equal(4, parameters.Discounts!.Count);
        foreach (double discount in new[] { 0.1, 0.5, 0.75, 0.9 })
        {
            var product = new ProbabilityProduct();
            foreach (int held in slices.HeldOut)
            {
                int[][] rest = [.. slices.AllBut(held).Select(piece => piece.ToArray())];
                NgramModel model = NgramModel.Fit(
                    rest, NgramSamples.VocabularySize, NgramFamily.KneserNey, 4,
                    new NgramParameters(null, [.. Enumerable.Repeat(KneserNeyDiscount.Single(discount), 4)]));
                foreach (ReadOnlyMemory<int> piece in slices.Slice(held))
                {
                    for (int position = 1; position < piece.Length; position++)
                        product.Multiply(model.Probability(piece.Span[..position], piece.Span[position]));
                }
            }

            Assert.True(tuned <= product.Perplexity + 1e-9);
        }
    }

    [Fact]
    public void Validation_has_no_say_in_the_tuning()
    {
        BaselineResult other = NgramBaseline.Run(Train, NgramSamples.Sequences(seed: 9, count: 5), NgramSamples.VocabularySize);

        Assert.Equal(Parameters(Result), Parameters(other));
        Assert.NotEqual(Result.Best.ValPpl, other.Best.ValPpl);
    }

    [Fact]
    public void The_same_data_gives_the_same_bytes() =>
        Assert.Equal(
            JsonSerializer.Serialize(Result, JsonFormat.Line),
            JsonSerializer.Serialize(NgramBaseline.Run(Train, Validation, NgramSamples.VocabularySize), JsonFormat.Line));

    [Fact]
    public void A_stream_is_one_sequence_with_all_of_the_past_in_view()
    {
        int[] stream = [.. Train.SelectMany(sequence => sequence)];
        int[] held = [.. Validation.SelectMany(sequence => sequence)];
        BaselineRow row = NgramBaseline.Run([stream], [held], NgramSamples.VocabularySize, 3).Rows[^1];

        NgramModel model = NgramModel.Fit([stream], NgramSamples.VocabularySize, row.Family, row.Order, row.Parameters);
        double logarithms = Enumerable.Range(1, held.Length - 1)
            .Sum(position => Math.Log(model.Probability(held.AsSpan(0, position), held[position])));
        Assert.Equal(held.Length - 1, row.ValTokens);
        Assert.Equal(Math.Exp(-logarithms / row.ValTokens), row.ValPpl, 7);
    }

    [Fact]
    public void Tiny_data_is_enough()
    {
        BaselineResult result = NgramBaseline.Run([[0, 3, 1]], [[0, 4, 1]], 6);

        Assert.All(result.Rows, row => Assert.True(double.IsFinite(row.ValPpl) && row.ValPpl >= 1));
    }

    [Fact]
    public void Noise_gives_the_size_of_the_alphabet_and_a_rhythm_gives_one()
    {
        var random = new SeededRandom(3, RandomPurpose.Corpus);
        int[] noise = [.. Enumerable.Range(0, 6000).Select(i => random.Below((ulong)i, 8))];
        int[] rhythm = [.. Enumerable.Range(0, 6000).Select(i => i % 8)];

        Assert.InRange(NgramBaseline.Run([noise[..5000]], [noise[5000..]], 8).Best.ValPpl, 7.9, 8.1);
        Assert.InRange(NgramBaseline.Run([rhythm[..5000]], [rhythm[5000..]], 8).Best.ValPpl, 1, 1.01);
    }

    [LongTextFact]
    public void Plain_text_by_characters_is_predicted_as_well_as_it_was_measured()
    {
        string text = File.ReadAllText(LongTextFactAttribute.TextPath)[..200_000];
        char[] alphabet = [.. text.Distinct().Order()];
        int[] ids = [.. text.Select(letter => Array.BinarySearch(alphabet, letter))];

        BaselineResult result = NgramBaseline.Run([ids[..180_000]], [ids[180_000..]], alphabet.Length);

        Assert.Equal(19_999, result.ValTokens);
        Assert.InRange(result.Best.ValPpl, 4.7, 4.85);
    }

    [Fact]
    public void Nothing_to_predict_is_refused()
    {
        Assert.Throws<InvalidInputException>(() => NgramBaseline.Run([[0]], [[0, 1]], 4));
        Assert.Throws<InvalidInputException>(() => NgramBaseline.Run([[0, 1]], [], 4));
        Assert.Throws<ArgumentException>(() => NgramBaseline.Run([[0, 4]], [[0, 1]], 4));
    }

    private static BaselineRow Row(NgramFamily family, int order) => Result.Rows.Single(row => row.Family == family && row.Order == order);

    private static string[] Parameters(BaselineResult result) =>
        [.. result.Rows.Select(row => JsonSerializer.Serialize(row.Parameters, JsonFormat.Line))];
}
