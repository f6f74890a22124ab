using Habla.Tensors;

namespace Habla.Interchange;

/// <summary>
/// Carries weights between a model's parameters and the tensors of another program's file; every bit arrives. A bias that the model does
/// not have is zeros there, which computes the same.
/// </summary>
/// <param name="parameters">The model's parameters.</param>
public sealed class ForeignWeights(ParameterSet parameters)
{
    private const string Bias = ".bias", Weight = ".weight";

    private readonly Dictionary<string, Parameter> _byName = parameters.Parameters.ToDictionary(parameter => parameter.Name);

    /// <summary>The sizes of a tensor's dimensions in the file, outermost first.</summary>
    /// <param name="tensor">The tensor.</param>
    public int[] Shape(ForeignTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        int rows = tensor.Parameters.Sum(Rows);
        if (!_byName.TryGetValue(tensor.Parameters[0], out Parameter? first) || first.Shape.Rank == 1)
        {
            return [rows];
        }

        return tensor.Layout == TensorLayout.InputRows ? [first.Shape.Columns, rows] : [rows, first.Shape.Columns];
    }

    /// <summary>The memory of a tensor's parameter where the file has its numbers as they lie here, to be read into it.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="numbers">The parameter's own memory.</param>
    /// <returns>Whether nothing has to move.</returns>
    public bool TryInPlace(ForeignTensor tensor, out Span<float> numbers)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        bool isSame = tensor is { Parameters: [var only], Layout: TensorLayout.OutputRows } && _byName.ContainsKey(only);
        numbers = isSame ? parameters.Data(_byName[tensor.Parameters[0]]) : default;
        return isSame;
    }

    /// <summary>A tensor's numbers as the file has them.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <returns>The numbers in row-major order; the parameter's own memory where nothing has to move.</returns>
    public ReadOnlySpan<float> Gather(ForeignTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (TryInPlace(tensor, out Span<float> same))
        {
            return same;
        }

        int[] shape = Shape(tensor);
        float[] numbers = new float[shape.Aggregate(1, (product, size) => product * size)];
        ForEachRow(tensor, (row, here) =>
        {
            for (int column = 0; column < here.Length; column++)
            {
                numbers[Place(tensor, shape, row, column)] = here[column];
            }
        });
        return numbers;
    }

    /// <summary>Fills the parameters of a tensor with what the file has.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="numbers">Its numbers in row-major order.</param>
    /// <returns>Whether everything found its place: false when a bias that the model does not have is not zero.</returns>
    public bool Scatter(ForeignTensor tensor, float[] numbers)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentNullException.ThrowIfNull(numbers);
        int[] shape = Shape(tensor);
        ForEachRow(tensor, (row, here) =>
        {
            for (int column = 0; column < here.Length; column++)
            {
                here[column] = numbers[Place(tensor, shape, row, column)];
            }
        });
        return tensor.Parameters.Any(_byName.ContainsKey) || numbers.All(number => number == 0);
    }

    private delegate void RowAction(int row, Span<float> here);

    private int Rows(string name) => _byName.TryGetValue(name, out Parameter? parameter)
        ? parameter.Shape[0]
        : _byName[name[..^Bias.Length] + Weight].Shape[0];

    /// <summary>The rows of all parameters of a tensor, counted through; of a vector, each number is a row.</summary>
    private void ForEachRow(ForeignTensor tensor, RowAction action)
    {
        int row = 0;
        foreach (string name in tensor.Parameters)
        {
            if (!_byName.TryGetValue(name, out Parameter? parameter))
            {
                continue;
            }

            int columns = parameter.Shape.Rank == 1 ? 1 : parameter.Shape.Columns;
            for (Span<float> rest = parameters.Data(parameter); !rest.IsEmpty; rest = rest[columns..])
            {
                action(row++, rest[..columns]);
            }
        }
    }

    private static int Place(ForeignTensor tensor, int[] shape, int row, int column) => tensor.Layout switch
    {
        TensorLayout.InputRows when shape.Length == 2 => (column * shape[1]) + row,
        TensorLayout.PairedRows => (PairedRow(row, tensor.HeadSize) * (shape.Length == 2 ? shape[1] : 1)) + column,
        _ => shape.Length == 2 ? (row * shape[1]) + column : row,
    };

    /// <summary>Where the row of a head goes: i to 2i in the first half of the head, D/2 + i to 2i + 1 in the second.</summary>
    private static int PairedRow(int row, int headSize)
    {
        int within = row % headSize, half = headSize / 2;
        return row - within + (within < half ? 2 * within : (2 * (within - half)) + 1);
    }
}
