using Habla.Data;
using Habla.Modeling;
using Habla.Tensors;

namespace Habla.Training.Health;

/// <summary>
/// Looks into a model: one forward pass without dropout on rows that stay the same for the whole run, so that what changes from
/// look to look is the model. It changes no weight and draws no random number.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="rows">The rows to look at it with.</param>
public sealed class LayerProbe(Gpt model, Batch rows) : IDisposable
{
    private readonly Tape _tape = new(model.Parameters, TapeMode.Inference);

    /// <summary>The layers from the first to the last.</summary>
    /// <param name="gradients">The gradients of the last step.</param>
    public IReadOnlyList<LayerState> Look(ParameterBuffer gradients)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        var states = new List<LayerState>();
        model.Forward(_tape, rows.Inputs, rows.BatchSize, rows.Mask, (name, output) =>
        {
            string layer = LayerOf(name);
            Parameter[] parameters = [.. model.Parameters.Parameters.Where(parameter => Owner(parameter.Name) == layer)];
            states.Add(new LayerState(
                layer,
                Rms(output),
                parameters.Length == 0 ? null : Norm(parameters, parameter => model.Parameters.Data(parameter)),
                parameters.Length == 0 ? null : Norm(parameters, gradients.Data)));
        });
        _tape.Reset();
        return states;
    }

    /// <inheritdoc/>
    public void Dispose() => _tape.Dispose();

    private static string LayerOf(string output) => output switch
    {
        "embed_out" => "embedding",
        "final_ln_out" => "final_norm",
        "logits" => "head",
        _ => $"blocks.{output.Split('_')[1]}",
    };

    /// <summary>The layer that a parameter belongs to, by its name.</summary>
    private static string Owner(string parameter)
    {
        string[] parts = parameter.Split('.');
        return parts[0] switch
        {
            "token_embedding" or "position_embedding" => "embedding",
            "blocks" => $"blocks.{parts[1]}",
            var other => other,
        };
    }

    private double Rms(Tensor output)
    {
        ReadOnlySpan<float> values = output.Data;
        int columns = output.Shape.Columns;
        double sum = 0;
        long count = 0;
        for (int row = 0; row < rows.KeyMask.Length; row++)
        {
            if (rows.KeyMask[row])
            {
                sum += SumOfSquares(values.Slice(row * columns, columns));
                count += columns;
            }
        }

        return Math.Sqrt(sum / Math.Max(1, count));
    }

    private delegate Span<float> NumbersOf(Parameter parameter);

    private static double Norm(Parameter[] parameters, NumbersOf numbers)
    {
        double sum = 0;
        foreach (Parameter parameter in parameters)
        {
            sum += SumOfSquares(numbers(parameter));
        }

        return Math.Sqrt(sum);
    }

    private static double SumOfSquares(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += (double)value * value;
        }

        return sum;
    }
}
