namespace Habla.Training;

/// <summary>Looks out for gradients that clipping has to shrink a lot: they tell of steps that are too large.</summary>
public sealed class GradientNormCheck
{
    /// <summary>The norm before clipping above which it warns.</summary>
    public const double LargestNorm = 10;

    /// <summary>Steps at the start of a run in which large gradients are nothing unusual.</summary>
    public const int SettlingSteps = 10;

    /// <summary>Whether it has warned; set it when a run goes on from a checkpoint. Default false.</summary>
    public bool HasWarned { get; set; }

    /// <summary>A warning, the first time that there is reason for one; otherwise null.</summary>
    /// <param name="step">The step, from 1.</param>
    /// <param name="norm">Its global gradient norm before clipping.</param>
    /// <param name="limit">The norm that gradients are clipped to; 0 for none.</param>
    public string? WarningFor(int step, double norm, double limit)
    {
        if (HasWarned || step <= SettlingSteps || !(norm > LargestNorm))
        {
            return null;
        }

        HasWarned = true;
        string clipped = limit > 0 ? FormattableString.Invariant($"clipped to {limit}") : "and not clipped";
        return FormattableString.Invariant($"the gradient norm is {norm:G3} at step {step}, above {LargestNorm}, {clipped}: ")
            + (limit > 0 ? "" : "set optimizer.clip: 1, ")
            + "try a lower optimizer.lr_max or a longer scheduler.warmup_steps, and look at the data of that step (said once)";
    }
}
