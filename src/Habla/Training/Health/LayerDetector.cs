using System.Globalization;

namespace Habla.Training.Health;

/// <summary>
/// Looks at the layers for those that are dead (they give numbers below <see cref="DeadRms"/>, or have parameters whose gradients are
/// all exactly 0) or explode (they give numbers above <see cref="ExplodedRms"/>, or above <see cref="GrownRms"/> and more than
/// <see cref="Growth"/> times those of the first look).
/// </summary>
public sealed class LayerDetector
{
    /// <summary>A root mean square below this is nothing.</summary>
    public const double DeadRms = 1e-6;

    /// <summary>A root mean square above this is too much whatever it was before.</summary>
    public const double ExplodedRms = 1000;

    /// <summary>How many times the first look's root mean square is too much.</summary>
    public const double Growth = 10;

    /// <summary>A root mean square up to this may have grown by any factor: weights start small, and learning makes them larger.</summary>
    public const double GrownRms = 20;

    private readonly HashSet<HealthKind> _warned = [];

    /// <summary>What was warned of; set it when a run goes on from a checkpoint.</summary>
    public IReadOnlyList<HealthKind> Warned
    {
        get => [.. _warned.Order()];
        set => _warned.UnionWith(value);
    }

    /// <summary>The first look; null before it. Set it when a run goes on from a checkpoint.</summary>
    public IReadOnlyList<LayerState>? First { get; set; }

    /// <summary>Looks at the layers; looks come in order.</summary>
    /// <param name="step">After which step, from 1.</param>
    /// <param name="layers">The layers, in the same order each time.</param>
    /// <returns>A warning for each kind the first time it is seen.</returns>
    public IReadOnlyList<HealthWarning> Look(int step, IReadOnlyList<LayerState> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        First ??= layers;
        var warnings = new List<HealthWarning>();
        Warn(HealthKind.DeadLayer, layers.Select(Dead));
        Warn(HealthKind.ExplodingLayer, layers.Zip(First, Exploding));
        return warnings;

        void Warn(HealthKind kind, IEnumerable<string?> problems)
        {
            if (problems.FirstOrDefault(problem => problem is not null) is { } problem && _warned.Add(kind))
            {
                warnings.Add(new HealthWarning(kind, step, problem));
            }
        }
    }

    private static string? Dead(LayerState layer) =>
        layer.ActivationRms < DeadRms ? string.Create(
            CultureInfo.InvariantCulture,
            $"the layer {layer.Layer} gives nothing: the root mean square of its output is {layer.ActivationRms:G2}; "
            + $"try a larger model.init_std or a lower optimizer.lr_max and optimizer.weight_decay")
        : layer.GradientNorm == 0
            ? $"the layer {layer.Layer} learns nothing: its gradients are all exactly 0; look at the loss mask, "
                + "and try a lower optimizer.lr_max"
        : null;

    private static string? Exploding(LayerState now, LayerState first)
    {
        bool grown = now.ActivationRms > GrownRms && now.ActivationRms > Growth * first.ActivationRms;
        return !grown && !(now.ActivationRms > ExplodedRms) ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"the layer {now.Layer} explodes: the root mean square of its output is {now.ActivationRms:G3}, "
                + $"and was {first.ActivationRms:G3} at first; "
            + $"try a lower optimizer.lr_max, a longer scheduler.warmup_steps or a larger optimizer.weight_decay");
    }
}
