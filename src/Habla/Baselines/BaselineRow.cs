namespace Habla.Baselines;

/// <summary>One n-gram model and how well it predicts.</summary>
/// <param name="Family">How it smooths.</param>
/// <param name="Order">n: it looks at the n − 1 tokens before.</param>
/// <param name="Parameters">What was tuned on the held-out slices of train.</param>
/// <param name="TuningPpl">Perplexity per token on the held-out slices of train.</param>
/// <param name="TrainPpl">Perplexity per token on the data it was counted from.</param>
/// <param name="ValPpl">Perplexity per token on the validation data.</param>
/// <param name="ValLoss">The same in nats per token, the model's loss: ln of <paramref name="ValPpl"/>.</param>
/// <param name="ValTokens">How many tokens were scored in validation.</param>
public sealed record BaselineRow(
    NgramFamily Family,
    int Order,
    NgramParameters Parameters,
    double TuningPpl,
    double TrainPpl,
    double ValPpl,
    double ValLoss,
    long ValTokens);
