using Habla.Modeling;
using Habla.Tensors;
using Habla.Training;

namespace Habla.Checkpoints;

/// <summary>
/// A copy of a run's weights and moments, so that the run can go on while they are written. Its memory, 12 bytes a parameter, is
/// asked for once and used for every save.
/// </summary>
internal sealed class CheckpointSnapshot(Gpt model, AdamW optimizer) : IDisposable
{
    private readonly ParameterBuffer _weights = model.Parameters.CreateBuffer();
    private readonly ParameterBuffer _firstMoments = model.Parameters.CreateBuffer();
    private readonly ParameterBuffer _secondMoments = model.Parameters.CreateBuffer();

    /// <summary>Copies the run as it stands now.</summary>
    /// <param name="state">Where it stands.</param>
    /// <returns>What to write; valid until the next call.</returns>
    public CheckpointContent Take(TrainingState state)
    {
        foreach (Parameter parameter in model.Parameters.Parameters)
        {
            model.Parameters.Data(parameter).CopyTo(_weights.Data(parameter));
            optimizer.FirstMoments.Data(parameter).CopyTo(_firstMoments.Data(parameter));
            optimizer.SecondMoments.Data(parameter).CopyTo(_secondMoments.Data(parameter));
        }

        return new CheckpointContent(model, _weights.Data, _firstMoments.Data, _secondMoments.Data, state);
    }

    public void Dispose()
    {
        _weights.Dispose();
        _firstMoments.Dispose();
        _secondMoments.Dispose();
    }
}
