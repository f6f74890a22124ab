using Habla.Data;
using Habla.Modeling;
using Habla.Tokenization;
using Habla.Tracking;
using Habla.Training;

namespace Habla.Configuration;

/// <summary>A whole run on one page: everything that decides its result, and nothing about the machine it runs on.</summary>
public sealed record Recipe
{
    /// <summary>The model's shape.</summary>
    public GptConfig Model { get; init; } = GptConfig.Minigpt();

    /// <summary>How text becomes tokens.</summary>
    public TokenizerOptions Tokenizer { get; init; } = new();

    /// <summary>Which texts, and how they become batches.</summary>
    public DataOptions Data { get; init; } = new();

    /// <summary>How gradients become updates.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>The run's length and its learning rate.</summary>
    public SchedulerOptions Scheduler { get; init; } = new();

    /// <summary>Batch size, evaluations and seeds.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>When the run saves itself.</summary>
    public CheckpointOptions Checkpoint { get; init; } = new();

    /// <summary>Where the run also tells how it goes.</summary>
    public TrackingOptions Tracking { get; init; } = new();

    /// <summary>Checks every section and how the sections fit together.</summary>
    /// <exception cref="InvalidInputException">A value is impossible; the message names its <c>section.key</c>.</exception>
    public void Validate()
    {
        Model.Validate();
        Tokenizer.Validate();
        Data.Validate();
        Optimizer.Validate();
        Scheduler.Validate();
        Training.Validate();
        Checkpoint.Validate();
        Tracking.Validate();
        if (Model.VocabularySize != Tokenizer.VocabularySize)
        {
            throw new InvalidOptionException(
                "model.vocab_size",
                $"{Model.VocabularySize} differs from tokenizer.vocab_size {Tokenizer.VocabularySize}; "
                + "the model has one embedding for each of the tokenizer's tokens");
        }

        if (Training.EarlyStoppingPatience > 0 && Data is { ValidationPath: null, ValidationFraction: 0 })
        {
            throw new InvalidOptionException(
                "training.early_stopping.patience",
                $"{Training.EarlyStoppingPatience} evaluations, but there is no validation data; give data.val_path or data.val_fraction");
        }

        if (Training.EarlyStoppingPatience > 0 && !Checkpoint.Best)
        {
            throw new InvalidOptionException(
                "checkpoint.best", "false, but training.early_stopping takes the best weights back at the end; leave it true");
        }

        if (Scheduler.TotalSteps is null && Training.Epochs is null)
        {
            throw new InvalidOptionException("scheduler.total_steps", "missing, and so is training.epochs; give one of them");
        }

        if (Scheduler.TotalSteps is not null && Training.Epochs is not null)
        {
            throw new InvalidOptionException(
                "scheduler.total_steps",
                $"{Scheduler.TotalSteps} and training.epochs {Training.Epochs} both say how long the run is; "
                + "set one of them to null");
        }
    }

    // One recipe serves every way of splitting the corpus: its paths may name the policy's folder.
    internal Recipe WithPathsFilledIn() => this with
    {
        Data = Data with
        {
            TrainPath = FillIn(Data.TrainPath),
            ValidationPath = Data.ValidationPath is { } path ? FillIn(path) : null,
        },
    };

    private string FillIn(string path) => path.Replace("{heldout_policy}", Data.HeldOutPolicy, StringComparison.Ordinal);
}
