namespace Habla.Evaluation;

/// <summary>How well a model predicts a data set.</summary>
/// <param name="Loss">Mean cross-entropy per target that counts, in nats.</param>
/// <param name="TokenCount">How many targets counted.</param>
/// <param name="Accuracy">The share of targets that were the likeliest token.</param>
public sealed record EvaluationResult(double Loss, long TokenCount, double Accuracy)
{
    /// <summary>e^loss: as uncertain as a free choice among so many tokens.</summary>
    public double Perplexity => Math.Exp(Loss);
}
