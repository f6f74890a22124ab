namespace Habla.Generation;

/// <summary>Keeps the k likeliest tokens; of equals those with lower ids.</summary>
/// <param name="k">At least 1.</param>
public sealed class TopK(int k) : ISamplingStep
{
    /// <inheritdoc/>
    public bool NeedsHistory => false;

    /// <inheritdoc/>
    public void Apply(Candidates candidates, TokenHistory history)
    {
        if (k < candidates.Count)
        {
            candidates.KeepLikeliest(k);
        }
    }
}
