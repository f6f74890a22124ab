namespace Habla.Training;

/// <summary>Whether a run starts as a freshly initialized model should: knowing nothing, with gradients of ordinary size.</summary>
public static class StartCheck
{
    /// <summary>How far the first loss may be from ln V, in nats.</summary>
    public const double LossTolerance = 0.5;

    /// <summary>The least and the largest ordinary norm of the first gradient.</summary>
    public const double SmallestNorm = 0.1, LargestNorm = 10;

    /// <summary>What looks wrong about the first step; empty when nothing does.</summary>
    /// <param name="vocabularySize">V: a model that knows nothing has loss ln V.</param>
    /// <param name="loss">The first step's loss, in nats.</param>
    /// <param name="gradientNorm">The first step's global gradient norm.</param>
    public static IEnumerable<string> Warnings(int vocabularySize, double loss, double gradientNorm)
    {
        double expected = Math.Log(vocabularySize);
        if (!(Math.Abs(loss - expected) <= LossTolerance))
        {
            yield return FormattableString.Invariant(
                $"the first loss is {loss:F3}, but a model that knows nothing has ln {vocabularySize} = {expected:F3}: ")
                + "check model.init_std, and that the data was made with this tokenizer";
        }

        if (!(gradientNorm is >= SmallestNorm and <= LargestNorm))
        {
            yield return FormattableString.Invariant(
                $"the first gradient norm is {gradientNorm:G3}, outside [{SmallestNorm}, {LargestNorm}]: ")
                + "check model.init_std and the loss mask";
        }
    }
}
