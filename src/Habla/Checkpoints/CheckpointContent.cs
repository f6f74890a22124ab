using Habla.Modeling;
using Habla.Training;

namespace Habla.Checkpoints;

/// <summary>What goes into a checkpoint, and where its numbers are: in the run itself, or in a <see cref="CheckpointSnapshot"/>.</summary>
/// <param name="Model">Names and shapes.</param>
/// <param name="Weights">The weights.</param>
/// <param name="FirstMoments">AdamW's m.</param>
/// <param name="SecondMoments">AdamW's v.</param>
/// <param name="State">Where the run stands.</param>
internal sealed record CheckpointContent(
    Gpt Model, ModelFile.SpanOf Weights, ModelFile.SpanOf FirstMoments, ModelFile.SpanOf SecondMoments, TrainingState State)
{
    /// <summary>The run as it stands now: to be written before the next step.</summary>
    public static CheckpointContent Of(Gpt model, AdamW optimizer, TrainingState state) =>
        new(model, model.Parameters.Data, optimizer.FirstMoments.Data, optimizer.SecondMoments.Data, state);
}
