using System.Text.Json.Serialization;
using Habla.Training;
using Habla.Training.Health;

namespace Habla.Checkpoints;

/// <summary>
/// What a checkpoint keeps besides weights and moments: where the run stands. Random numbers are counter-based, so the state of
/// a stream is its seed and its counter: nothing else has to be saved to draw the same numbers again.
/// </summary>
public sealed record TrainingState
{
    /// <summary>The layout of state.json that this program writes and reads.</summary>
    public const int CurrentSchemaVersion = 1;

    /// <summary>The layout of the file; checked before anything else is read.</summary>
    public required int SchemaVersion { get; init; }

    /// <summary>Updates made.</summary>
    public required int Step { get; init; }

    /// <summary>Updates the optimizer has counted: its bias corrections depend on it.</summary>
    public required int OptimizerUpdates { get; init; }

    /// <summary>The learning-rate schedule: a function of the step, so the step is its state.</summary>
    public required SchedulerState Scheduler { get; init; }

    /// <summary>Where the data stands: what the next step reads.</summary>
    public required DataState Data { get; init; }

    /// <summary>The stream of dropout's random numbers.</summary>
    public required RandomState TrainingRandom { get; init; }

    /// <summary>The stream of the data's order.</summary>
    public required RandomState DataRandom { get; init; }

    /// <summary>The best validation so far; null before the first.</summary>
    public BestValidation? Best { get; init; }

    /// <summary>How long the run has waited for its validation loss to fall; null without early stopping.</summary>
    public EarlyStoppingState? EarlyStopping { get; init; }

    /// <summary>Where the loss scale stands; null, and not in the file, where losses are not scaled.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LossScaleState? LossScale { get; init; }

    /// <summary>Tokens learned from, padding not included; null where nobody counted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Tokens { get; init; }

    /// <summary>What the watch over the run's health knows; null, and not in the file, where nobody watches.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public HealthState? Health { get; init; }

    // What only some runs have goes here, as a nullable record filled in by an IStatefulPart: a checkpoint without it reads as null.
}

/// <summary>The schedule's place.</summary>
/// <param name="Step">The step it is at, from 0: the next one to be taken.</param>
/// <param name="TotalSteps">Updates in the whole run.</param>
public sealed record SchedulerState(int Step, int TotalSteps);

/// <summary>The data's place.</summary>
/// <param name="Epoch">The pass over the data, from 0.</param>
/// <param name="BatchInEpoch">Batches of that pass already seen.</param>
public sealed record DataState(int Epoch, int BatchInEpoch);

/// <summary>A counter-based random stream.</summary>
/// <param name="Algorithm">Always "philox4x32-10".</param>
/// <param name="Seed">The key.</param>
/// <param name="Counter">The step, or the epoch, that the next numbers belong to.</param>
public sealed record RandomState(string Algorithm, ulong Seed, int Counter)
{
    /// <summary>The name of the algorithm.</summary>
    public const string Philox = "philox4x32-10";
}

/// <summary>The best validation of a run.</summary>
/// <param name="Step">The step after which it was measured.</param>
/// <param name="Loss">Mean loss per target, in nats.</param>
public sealed record BestValidation(int Step, double Loss);
