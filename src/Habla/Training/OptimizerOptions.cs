namespace Habla.Training;

/// <summary>How gradients become updates: AdamW with decoupled weight decay, after clipping by the global norm.</summary>
public sealed record OptimizerOptions
{
    internal static readonly OptionRange LearningRateRange = new(0, 10);
    internal static readonly OptionRange MaximumLearningRateRange = new(0, 10, ExcludeMinimum: true);
    internal static readonly OptionRange BetaRange = new(0, 1, ExcludeMaximum: true);
    internal static readonly OptionRange EpsilonRange = new(0, 1, ExcludeMinimum: true);
    internal static readonly OptionRange WeightDecayRange = new(0, 10);
    internal static readonly OptionRange ClipRange = new(0, 1e6);

    /// <summary>The update rule. Default adamw, the only one.</summary>
    public OptimizerKind Type { get; init; } = OptimizerKind.Adamw;

    /// <summary>Learning rate at the end of the warm-up, the largest one. Default 3e-4; above 0, at most 10.</summary>
    public double MaximumLearningRate { get; init; } = 3e-4;

    /// <summary>Learning rate at the last step of a linear or cosine schedule. Default 3e-5; from 0 to lr_max.</summary>
    public double MinimumLearningRate { get; init; } = 3e-5;

    /// <summary>Decay of the gradient's running mean per step. Default 0.9; at least 0, below 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the squared gradient's running mean per step. Default 0.95; at least 0, below 1.</summary>
    public double Beta2 { get; init; } = 0.95;

    /// <summary>Added to the root of the second moment before dividing by it. Default 1e-8; above 0, at most 1.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>
    /// Share of a weight taken away per step, times the learning rate; never applied to norms and biases. Default 0.1;
    /// from 0 to 10.
    /// </summary>
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>Gradients are scaled down to this global norm when above it; 0 never clips. Default 1; from 0 to 1e6.</summary>
    public double ClipNorm { get; init; } = 1.0;

    /// <summary>
    /// Parameters with a learning rate or weight decay of their own; the first group that matches a name has it. Default none.
    /// </summary>
    public ParameterGroups Groups { get; init; } = ParameterGroups.None;

    /// <summary>Checks every value and how they fit together.</summary>
    /// <exception cref="InvalidInputException">A value is impossible; the message names its <c>optimizer.key</c>.</exception>
    public void Validate()
    {
        MaximumLearningRateRange.Check("optimizer.lr_max", MaximumLearningRate);
        LearningRateRange.Check("optimizer.lr_min", MinimumLearningRate);
        BetaRange.Check("optimizer.beta1", Beta1);
        BetaRange.Check("optimizer.beta2", Beta2);
        EpsilonRange.Check("optimizer.eps", Epsilon);
        WeightDecayRange.Check("optimizer.weight_decay", WeightDecay);
        ClipRange.Check("optimizer.clip", ClipNorm);
        foreach (ParameterGroup group in Groups)
        {
            group.Validate();
        }

        if (MinimumLearningRate > MaximumLearningRate)
        {
            throw new InvalidOptionException(
                "optimizer.lr_min",
                FormattableString.Invariant(
                    $"{MinimumLearningRate} is above optimizer.lr_max {MaximumLearningRate}; the rate falls from lr_max to lr_min"));
        }
    }
}
