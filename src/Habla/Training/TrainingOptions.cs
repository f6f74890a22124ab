using Habla.Tensors;

namespace Habla.Training;

/// <summary>The size of a step, the length of a run, how often it looks around, and its two seeds.</summary>
public sealed record TrainingOptions
{
    internal static readonly OptionRange BatchSizeRange = new(1, 65_536);
    internal static readonly OptionRange MicroBatchesRange = new(0, 1_024);
    internal static readonly OptionRange EpochsRange = OptionRange.Positive;
    internal static readonly OptionRange EveryRange = OptionRange.Positive;

    /// <summary>Sequences in a step, <c>B</c>. Default 8; from 1 to 65,536.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>
    /// Slices of a step's batch that are run apart and whose gradients are summed in a fixed tree; part of the recipe and not
    /// of the machine, so the bits do not depend on threads. 0 takes the largest of 8, 4, 2, 1 that divides the batch
    /// (see <see cref="MicroBatchCount"/>). Default 0; from 0 to 1024, a divisor of the batch size.
    /// </summary>
    public int MicroBatches { get; init; }

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

    /// <summary>How token losses become the step's loss. Default token_mean, the only one.</summary>
    public LossReduction LossReduction { get; init; } = LossReduction.TokenMean;

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

    /// <summary>Checks every value and how they fit together.</summary>
    /// <exception cref="InvalidInputException">A value is impossible; the message names its <c>training.key</c>.</exception>
    public void Validate()
    {
        BatchSizeRange.Check("training.batch_size", BatchSize);
        MicroBatchesRange.Check("training.micro_batches", MicroBatches);
        EveryRange.Check("training.val_every", ValidateEvery);
        EveryRange.Check("training.log_every", LogEvery);
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
