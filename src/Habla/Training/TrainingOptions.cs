using Habla.Tensors;

namespace Habla.Training;

/// <summary>The size of a step, the length of a run, how often it looks around, and its two seeds.</summary>
public sealed record TrainingOptions
{
    internal static readonly OptionRange BatchSizeRange = new(1, 65_536);
    internal static readonly OptionRange MicroBatchesRange = new(0, 1_024);
    internal static readonly OptionRange AccumulationRange = new(1, 65_536);
    internal static readonly OptionRange EpochsRange = OptionRange.Positive;
    internal static readonly OptionRange LabelSmoothingRange = new(0, 1, ExcludeMaximum: true);
    internal static readonly OptionRange PatienceRange = OptionRange.ZeroOrMore;
    internal static readonly OptionRange MinimumDeltaRange = new(0, 100);
    internal static readonly OptionRange EveryRange = OptionRange.Positive;
    internal static readonly OptionRange HealthRange = OptionRange.ZeroOrMore;

    /// <summary>Sequences in a batch, <c>B</c>; a step reads <see cref="Accumulation"/> batches. Default 8; from 1 to 65,536.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>
    /// Slices of a step's batch that are run apart and whose gradients are summed in a fixed tree; part of the recipe and not
    /// of the machine, so the bits do not depend on threads. 0 takes the largest of 8, 4, 2, 1 that divides the batch
    /// (see <see cref="MicroBatchCount"/>). Default 0; from 0 to 1024, a divisor of the batch size.
    /// </summary>
    public int MicroBatches { get; init; }

    /// <summary>
    /// Batches that a step reads before its one update: N batches of B give the bits of one batch of N·B in N times as many
    /// micro-batches, in hardly more memory than one batch takes. The last step of an epoch reads what is left of it. Default 1;
    /// from 1 to 65,536.
    /// </summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>
    /// Passes over the training data; null when <see cref="SchedulerOptions.TotalSteps"/> says how long the run is.
    /// Default null; at least 1.
    /// </summary>
    public int? Epochs { get; init; }

    /// <summary>Steps between two evaluations on the validation data. Default 50; at least 1.</summary>
    public int ValidateEvery { get; init; } = 50;

    /// <summary>Steps between two lines on the console; the log file gets every step. Default 10; at least 1.</summary>
    public int LogEvery { get; init; } = 10;

    /// <summary>
    /// In what numbers activations are stored and matrix products multiply; evaluation and checkpoints are float32 always. Default fp32.
    /// </summary>
    public Precision Precision { get; init; }

    /// <summary>
    /// Steps between two looks into the layers (size of activations, weights and gradients); 0 never looks. A look is one more
    /// forward pass over a few rows and changes no bit of the run. Default 100; at least 0.
    /// </summary>
    public int HealthEvery { get; init; } = 100;

    /// <summary>How token losses become the step's loss. Default token_mean, the only one.</summary>
    public LossReduction LossReduction { get; init; } = LossReduction.TokenMean;

    /// <summary>
    /// ε: the share of each target that is spread evenly over the vocabulary in the training loss; evaluations never smooth.
    /// Default 0, which is the plain cross-entropy; at least 0, below 1.
    /// </summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Seed of the initial weights and of dropout. Default 42; any 64-bit number from 0.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>Seed of the order of the data, apart from <see cref="Seed"/>. Default 7; any 64-bit number from 0.</summary>
    public ulong DataSeed { get; init; } = 7;

    /// <summary>The number of micro-batches a step is really cut into.</summary>
    public int MicroBatchCount =>
        MicroBatches > 0 ? MicroBatches
        : BatchSize % 8 == 0 ? 8
        : BatchSize % 4 == 0 ? 4
        : BatchSize % 2 == 0 ? 2
        : 1;

    /// <summary>How a step's tapes store activations.</summary>
    internal ActivationFormat ActivationFormat => Precision switch
    {
        Precision.Bf16 => ActivationFormat.BFloat16,
        Precision.Fp16 => ActivationFormat.Float16,
        _ => ActivationFormat.Float32,
    };

    /// <summary>
    /// Evaluations in a row without progress after which the run ends and takes back its best weights; 0 never ends it early.
    /// Default 0; at least 0.
    /// </summary>
    public int EarlyStoppingPatience { get; init; }

    /// <summary>How much below the best a validation loss must be to count as progress, in nats. Default 0; from 0 to 100.</summary>
    public double EarlyStoppingMinimumDelta { get; init; }

    /// <summary>Checks every value and how they fit together.</summary>
    /// <exception cref="InvalidInputException">A value is impossible; the message names its <c>training.key</c>.</exception>
    public void Validate()
    {
        BatchSizeRange.Check("training.batch_size", BatchSize);
        MicroBatchesRange.Check("training.micro_batches", MicroBatches);
        AccumulationRange.Check("training.accumulation", Accumulation);
        EveryRange.Check("training.val_every", ValidateEvery);
        EveryRange.Check("training.log_every", LogEvery);
        HealthRange.Check("training.health_every", HealthEvery);
        LabelSmoothingRange.Check("training.label_smoothing", LabelSmoothing);
        PatienceRange.Check("training.early_stopping.patience", EarlyStoppingPatience);
        MinimumDeltaRange.Check("training.early_stopping.min_delta", EarlyStoppingMinimumDelta);
        if (Epochs is { } epochs)
        {
            EpochsRange.Check("training.epochs", epochs);
        }

        if (MicroBatches > 0 && BatchSize % MicroBatches != 0)
        {
            throw new InvalidOptionException(
                "training.micro_batches",
                $"{MicroBatches} does not divide training.batch_size {BatchSize}; micro-batches are equally large "
                + "(0 chooses a fitting number)");
        }
    }
}
