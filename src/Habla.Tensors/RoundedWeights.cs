using Habla.Tensors.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors;

/// <summary>
/// A copy of a model's parameters whose matrices hold 16-bit numbers: what a tape in a 16-bit format multiplies by, while the optimizer
/// keeps changing the float32 parameters. Gains and biases are copied as they are.
/// </summary>
/// <remarks>
/// The numbers are kept as float32, 4 bytes a parameter: matrix products would have to widen 16-bit ones in every pass of a step.
/// </remarks>
public sealed unsafe class RoundedWeights : IDisposable
{
    private const int ChunkSize = 1 << 12;

    private readonly ParameterSet _parameters;
    private readonly AlignedMemory _memory;

    /// <summary>Makes room for the copy; <see cref="Refresh"/> fills it.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="format">What matrices are rounded to.</param>
    public RoundedWeights(ParameterSet parameters, ActivationFormat format)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        (_parameters, Format) = (parameters, format);
        parameters.Close();
        _memory = new AlignedMemory(parameters.Count);
    }

    /// <summary>What matrices are rounded to.</summary>
    public ActivationFormat Format { get; }

    internal float* Pointer => _memory.Pointer;

    /// <summary>Copies the parameters as they are now. Passes compute with this copy until the next call.</summary>
    /// <param name="pool">The threads to share the work with.</param>
    public void Refresh(WorkerPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        foreach (Parameter parameter in _parameters.Parameters)
        {
            pool.ForRows(
                (parameter.Shape.Count + ChunkSize - 1) / ChunkSize, ChunkSize,
                new Chunks
                {
                    Format = parameter.Kind == ParameterKind.Weight ? Format : ActivationFormat.Float32,
                    From = _parameters.Pointer + parameter.Offset, To = Pointer + parameter.Offset, Count = parameter.Shape.Count,
                });
        }

        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    internal void RequireParameters(ParameterSet parameters, ActivationFormat format, string argument)
    {
        if (parameters != _parameters || format != Format)
        {
            throw new ArgumentException("these are the rounded weights of another parameter set, or of another format", argument);
        }
    }

    private struct Chunks : IRowWork
    {
        public ActivationFormat Format;
        public float* From, To;
        public long Count;

        public readonly void Run(int from, int to)
        {
            long start = (long)from * ChunkSize;
            SixteenBits.RoundNumbers(Format, From + start, To + start, Math.Min((long)to * ChunkSize, Count) - start);
        }
    }
}
