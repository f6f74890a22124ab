using System.Collections.Concurrent;
using Habla.Tensors.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors;

/// <summary>
/// The weight matrices of a model as inference reads them: in panels that the next token streams through once, and in 32, 16 or 8 bits a
/// weight. Gains, biases and positions stay as they are.
/// </summary>
/// <remarks>
/// In float32 this changes no result. In fewer bits each weight is rounded once, when its matrix is first used, and all that follows
/// is the float32 arithmetic on the rounded weights: the bits are those of a model with these weights. A table of embeddings gives
/// the rounded rows too, as llama.cpp does, so that a tied head and its table stay one matrix.
/// </remarks>
public sealed unsafe class InferenceWeights : IDisposable
{
    private readonly ParameterSet _parameters;
    private readonly ConcurrentDictionary<ParameterView, WeightMatrix> _matrices = [];
    private readonly Lock _storing = new();

    /// <summary>Prepares for the parameters of one model; each matrix is stored when it is first used.</summary>
    /// <param name="parameters">The parameters; they must not change from now on.</param>
    /// <param name="format">In what numbers matrices are stored.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such format.</exception>
    public InferenceWeights(ParameterSet parameters, WeightFormat format)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (!Enum.IsDefined(format))
        {
            throw new ArgumentOutOfRangeException(nameof(format), format, "there is no such format of weights");
        }

        (_parameters, Format) = (parameters, format);
    }

    /// <summary>In what numbers matrices are stored.</summary>
    public WeightFormat Format { get; }

    /// <summary>Bytes of the matrices that were used so far: what a token reads.</summary>
    public long Bytes => _matrices.Values.Sum(matrix => matrix.Bytes);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (WeightMatrix matrix in _matrices.Values)
        {
            matrix.Dispose();
        }

        _matrices.Clear();
    }

    internal void RequireParameters(ParameterSet parameters, string argument)
    {
        if (parameters != _parameters)
        {
            throw new ArgumentException("these are the inference weights of another parameter set", argument);
        }
    }

    /// <summary>The matrix W <c>[out, in]</c>, stored now if it was not before.</summary>
    internal WeightMatrix Matrix(ParameterView view, WorkerPool pool) =>
        _matrices.TryGetValue(view, out WeightMatrix? matrix) ? matrix : Store(view, pool);

    /// <summary>Apart from the look-up, which every token makes: what a lambda captures is allocated where its method begins.</summary>
    private WeightMatrix Store(ParameterView view, WorkerPool pool)
    {
        lock (_storing)
        {
            return _matrices.GetOrAdd(
                view, _ => WeightMatrix.Create(Format, _parameters.Pointer + view.First.Offset, view.Shape[0], view.Shape[1], pool));
        }
    }

    /// <summary>Copies a row of a matrix as the numbers that its stored weights stand for.</summary>
    internal void CopyRow(ReadOnlySpan<float> row, Span<float> copy)
    {
        switch (Format)
        {
            case WeightFormat.Q8:
                Q8Block.Round(row, copy);
                break;
            case WeightFormat.Float16:
                fixed (float* from = row, to = copy)
                {
                    SixteenBits.RoundNumbers(ActivationFormat.Float16, from, to, row.Length);
                }

                break;
            default:
                row.CopyTo(copy);
                break;
        }
    }
}
