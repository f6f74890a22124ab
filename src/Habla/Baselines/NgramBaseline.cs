namespace Habla.Baselines;

/// <summary>
/// The honest opponent: n-gram models over the same token ids, tuned on train alone and scored on exactly the tokens that the
/// neural model is scored on. A model that does not beat the best of them has learned less than counting.
/// </summary>
public static class NgramBaseline
{
    /// <summary>The longest n-grams that are tried.</summary>
    public const int DefaultMaximumOrder = 7;

    /// <summary>Fits, tunes and scores every family and order; each validation token but the first of a sequence counts once.</summary>
    /// <param name="train">
    /// Token ids of the training sequences, each from its beginning-of-sequence token to its end token, or one long stream.
    /// </param>
    /// <param name="validation">
    /// Token ids of the validation sequences. A stream that a model sees in windows side by side is one sequence here: each of its
    /// tokens but the first is a target once there too. The n-gram then looks back over the windows' borders, which can only help it.
    /// </param>
    /// <param name="vocabularySize">V: ids are in [0, V), and probability is spread over all of them.</param>
    /// <param name="maximumOrder">The largest n; 7 by default, at least 1.</param>
    /// <exception cref="InvalidInputException">Train or validation holds nothing to predict.</exception>
    public static BaselineResult Run(
        IReadOnlyList<int[]> train,
        IReadOnlyList<int[]> validation,
        int vocabularySize,
        int maximumOrder = DefaultMaximumOrder)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(validation);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumOrder, 1);
        Check(train.Concat(validation), vocabularySize);
        if (!HasTargets(train) || !HasTargets(validation))
        {
            throw new InvalidInputException(
                "the baseline needs train and validation data with at least one token to predict; "
                    + "give both a sequence of two tokens or more");
        }

        var slices = new TuningSlices(train);
        var tuner = new NgramTuner(slices, maximumOrder, vocabularySize);
        var counts = new NgramCounts(maximumOrder, vocabularySize, train.Select(tokens => (ReadOnlyMemory<int>)tokens));
        List<(NgramModel Model, double TuningPpl)> models = [];
        for (int order = 1; order <= maximumOrder; order++)
        {
            Add(NgramFamily.AddAlpha, order, tuner.AddAlpha(order));
            Add(NgramFamily.KneserNey, order, tuner.KneserNey(order, Estimates(counts, order)));
        }

        ProbabilityProduct[] onTrain = Score(counts, models, train);
        ProbabilityProduct[] onValidation = Score(counts, models, validation);
        BaselineRow[] rows =
        [
            .. models.Select((fitted, i) => new BaselineRow(
                fitted.Model.Family,
                fitted.Model.Order,
                fitted.Model.Parameters,
                fitted.TuningPpl,
                onTrain[i].Perplexity,
                onValidation[i].Perplexity,
                Math.Round(Math.Log(onValidation[i].Perplexity), 9),
                onValidation[i].Factors)),
        ];
        return new BaselineResult(
            vocabularySize,
            train.Count,
            onTrain[0].Factors,
            onValidation[0].Factors,
            slices.Description,
            rows,
            rows.MinBy(row => row.ValPpl)!);

        void Add(NgramFamily family, int order, (NgramParameters Parameters, double Perplexity) tuned) =>
            models.Add((new NgramModel(counts, family, order, tuned.Parameters), tuned.Perplexity));
    }

    private static KneserNeyDiscount[] Estimates(NgramCounts counts, int order) =>
    [
        .. Enumerable.Range(1, order).Select(length => KneserNeyDiscount.Estimate(
            length == order ? counts.Level(length).CountsOfCounts : counts.Level(length).CountsOfContinuations)),
    ];

    private static ProbabilityProduct[] Score(
        NgramCounts counts, List<(NgramModel Model, double TuningPpl)> models, IReadOnlyList<int[]> sequences)
    {
        ProbabilityProduct[] products = [.. models.Select(_ => new ProbabilityProduct())];
        foreach (int[] sequence in sequences)
        {
            counts.Scan(sequence, (raw, continuations) =>
            {
                for (int i = 0; i < products.Length; i++)
                    products[i].Multiply(models[i].Model.Probability(raw, continuations));
            });
        }

        return products;
    }

    private static bool HasTargets(IReadOnlyList<int[]> sequences) => sequences.Any(sequence => sequence.Length > 1);

    private static void Check(IEnumerable<int[]> sequences, int vocabularySize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vocabularySize);
        foreach (int[] sequence in sequences)
        {
            int wrong = Array.FindIndex(sequence, id => id < 0 || id >= vocabularySize);
            if (wrong >= 0)
            {
                throw new ArgumentException(
                    $"token id {sequence[wrong]} is outside the vocabulary of {vocabularySize}", nameof(sequences));
            }
        }
    }
}
