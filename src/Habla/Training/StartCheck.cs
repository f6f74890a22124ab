namespace Habla.Training;

/// <summary>Whether a run starts as a freshly initialized model should: knowing nothing, with gradients of ordinary size.</summary>
public static class StartCheck
{
    /// <summary>How far the first loss may be from ln V, in nats.</summary>
    public const double LossTolerance = 0.5;

    /// <summary>The least and the largest ordinary norm of the first gradient.</summary>
    public const double SmallestNorm = 0.1, LargestNorm = 10;

    /// <summary>What looks wrong about the first step's loss; null when nothing does.</summary>
    /// <param name="vocabularySize">V: a model that knows nothing has loss ln V.</param>
    /// <param name="loss">The first step's loss, in nats.</param>
    public static string? LossWarning(int vocabularySize, double loss)
    {
        double expected = Math.Log(vocabularySize);
        return Math.Abs(loss - expected) <= LossTolerance ? null : FormattableString.Invariant(
            $"the first loss is {loss:F3}, but a model that knows nothing has ln {vocabularySize} = {expected:F3}: ")
            + "check model.init_std, and that the data was made with this tokenizer";
    }

    /// <summary>What looks wrong about the first gradient; null when nothing does.</summary>
    /// <param name="gradientNorm">The first update's global gradient norm: in fp16, steps whose gradients overflow come before it.</param>
    public static string? NormWarning(double gradientNorm) =>
        gradientNorm is >= SmallestNorm and <= LargestNorm ? null : FormattableString.Invariant(
            $"the first gradient norm is {gradientNorm:G3}, outside [{SmallestNorm}, {LargestNorm}]: ")
            + "check model.init_std and the loss mask";
}
