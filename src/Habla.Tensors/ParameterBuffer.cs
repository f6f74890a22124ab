namespace Habla.Tensors;

/// <summary>Numbers with the layout of a <see cref="ParameterSet"/>: one gradient, or one moment, for each parameter number.</summary>
public sealed unsafe class ParameterBuffer : IDisposable
{
    private readonly AlignedMemory _memory;

    internal ParameterBuffer(ParameterSet parameters)
    {
        Layout = parameters;
        parameters.Close();
        _memory = new AlignedMemory(parameters.Count);
        _memory.Clear();
    }

    /// <summary>The set whose layout this is.</summary>
    public ParameterSet Layout { get; }

    /// <summary>How many numbers there are.</summary>
    public long Count => _memory.Length;

    internal float* Pointer => _memory.Pointer;

    /// <summary>Refuses to be used with parameters, or other buffers, of another layout: their numbers lie elsewhere.</summary>
    internal void RequireLayout(ParameterSet parameters, string argument)
    {
        if (Layout != parameters)
        {
            throw new ArgumentException("this buffer has the layout of another parameter set: make it with CreateBuffer", argument);
        }
    }

    /// <summary>The numbers that belong to one parameter.</summary>
    /// <remarks>
    /// The span looks at memory outside the managed heap and keeps nothing alive: it is valid while the buffer is neither disposed
    /// nor garbage. Hold the buffer with <c>using</c> around every use.
    /// </remarks>
    /// <param name="parameter">A parameter of <see cref="Layout"/>.</param>
    /// <exception cref="ArgumentException">It is a parameter of another set.</exception>
    public Span<float> Data(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        Layout.RequireOwn(parameter);
        return new(Pointer + parameter.Offset, parameter.Shape.Count);
    }

    /// <summary>Sets every number to zero.</summary>
    public void Clear() => _memory.Clear();

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
