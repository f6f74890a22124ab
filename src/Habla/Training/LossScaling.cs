namespace Habla.Training;

/// <summary>
/// Dynamic loss scaling, for gradients in binary16: the derivative of the loss starts from the scale instead of 1, so that small gradients
/// are not lost, and gradients are divided by it before the update. A step whose gradients overflow is skipped.
/// </summary>
/// <remarks>
/// Micikevicius et al., "Mixed precision training", ICLR 2018. Scales are powers of two, so scaling by itself rounds nothing.
/// </remarks>
public sealed class LossScaling
{
    /// <summary>The scale that a run begins with.</summary>
    public const double InitialScale = 65_536;

    /// <summary>After so many steps in a row without overflow, the scale doubles.</summary>
    public const int GrowthInterval = 2_000;

    /// <summary>The scale grows no larger: float32 sums of scaled gradients have to stay finite.</summary>
    public const double LargestScale = 1L << 40;

    /// <summary>What the loss is multiplied by now; a power of two, at least 1.</summary>
    public double Scale { get; private set; } = InitialScale;

    /// <summary>Steps without overflow since the scale last changed.</summary>
    public int GoodSteps { get; private set; }

    /// <summary>Steps skipped in the whole run.</summary>
    public int SkippedSteps { get; private set; }

    /// <summary>Where it stands; set it when a run goes on from a checkpoint.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The scale is below 1 or no number, or a count is below 0.</exception>
    public LossScaleState State
    {
        get => new(Scale, GoodSteps, SkippedSteps);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            if (!value.IsPossible)
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "a loss scale is at least 1, and counts are at least 0");
            }

            (Scale, GoodSteps, SkippedSteps) = (value.Scale, value.GoodSteps, value.SkippedSteps);
        }
    }

    /// <summary>Takes note of a step and says whether to skip its update.</summary>
    /// <param name="isFinite">Whether its loss and gradients are all finite.</param>
    /// <returns>True when they are not and a smaller scale is left to try; at scale 1 they will not get better.</returns>
    public bool Skips(bool isFinite)
    {
        if (!isFinite)
        {
            if (Scale <= 1)
            {
                return false;
            }

            Scale /= 2;
            GoodSteps = 0;
            SkippedSteps++;
            return true;
        }

        GoodSteps++;
        if (GoodSteps == GrowthInterval)
        {
            Scale = Math.Min(2 * Scale, LargestScale);
            GoodSteps = 0;
        }

        return false;
    }
}

/// <summary>The place of a run's loss scale.</summary>
/// <param name="Scale">What the next step's loss is multiplied by.</param>
/// <param name="GoodSteps">Steps without overflow since the scale last changed.</param>
/// <param name="SkippedSteps">Steps skipped in the whole run.</param>
public sealed record LossScaleState(double Scale, int GoodSteps, int SkippedSteps)
{
    internal bool IsPossible => Scale is >= 1 and <= LossScaling.LargestScale && GoodSteps >= 0 && SkippedSteps >= 0;
}
