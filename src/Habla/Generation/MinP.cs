namespace Habla.Generation;

/// <summary>
/// Keeps the tokens that are at least a share as likely as the likeliest: few where the model is sure, many where it is not.
/// </summary>
/// <remarks>Nguyen et al., "Turning up the heat: min-p sampling for creative and coherent LLM outputs", ICLR 2025.</remarks>
/// <param name="share">From 0 to 1.</param>
public sealed class MinP(double share) : ISamplingStep
{
    /// <inheritdoc/>
    public bool NeedsHistory => false;

    /// <inheritdoc/>
    public void Apply(Candidates candidates, TokenHistory history) => candidates.KeepWeights(share);
}
