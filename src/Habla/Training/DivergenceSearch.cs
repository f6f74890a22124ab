using Habla.Data;
using Habla.Tensors;

namespace Habla.Training;

/// <summary>Looks for what made a loss or a gradient not finite: the first tensor on the way, its step and the rows of the batch.</summary>
internal static class DivergenceSearch
{
    /// <summary>Goes through the batch once more, micro-batch by micro-batch, and looks at each tensor.</summary>
    /// <param name="parameters">The model's parameters.</param>
    /// <param name="tape">A tape that checks each operation.</param>
    /// <param name="pass">The way to the loss.</param>
    /// <param name="batch">The batch that gave a loss or gradient that is not finite.</param>
    /// <param name="step">Its step, from 0.</param>
    /// <returns>What to stop the run with.</returns>
    public static TrainingDivergedException Find(ParameterSet parameters, Tape tape, LossPass pass, Batch batch, int step)
    {
        foreach (Parameter parameter in parameters.Parameters)
        {
            if (parameters.Data(parameter).IndexOfAnyNonFinite() is >= 0 and int at)
            {
                return new TrainingDivergedException(step + 1, $"the parameter {parameter.Name} at element {at}");
            }
        }

        int microBatches = pass.MicroBatchesOf(batch);
        for (int i = 0; i < microBatches; i++)
        {
            (int first, int rows) = pass.RowsOf(batch, i);
            if (rows == 0)
            {
                continue;
            }

            Tensor loss = pass.Forward(tape, batch, i, 1, step);
            NonFiniteTensor? found = tape.FindNonFinite() ?? tape.BackwardFindingNonFinite(loss);
            tape.Reset();
            if (found is not null)
            {
                (int from, int count) = found.RowOf(rows) is { } row ? (first + row, 1) : (first, rows);
                return new TrainingDivergedException(
                    step + 1, $"{found}, in micro-batch {i + 1} of {microBatches}", BatchRows.Of(batch, from, count));
            }
        }

        return new TrainingDivergedException(
            step + 1, "the sum of the micro-batches' gradients, each of which is finite", BatchRows.Of(batch, 0, batch.BatchSize));
    }
}
