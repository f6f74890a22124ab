namespace Habla.Tensors;

/// <summary>
/// All parameters of a model in one flat float32 buffer. Optimizer moments and gradient buffers have the same layout, so
/// clipping, updating and summing gradients are single passes over memory.
/// </summary>
public sealed unsafe class ParameterSet : IDisposable
{
    private readonly List<Parameter> _parameters = [];
    private readonly Dictionary<string, Parameter> _byName = [];
    private AlignedMemory? _memory;
    private bool _closed;

    /// <summary>The parameters in the order in which they were added, which is their order in memory.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>How many numbers there are in all.</summary>
    public long Count { get; private set; }

    /// <summary>The parameter of a name.</summary>
    /// <param name="name">Such as "final_norm.weight".</param>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Parameter this[string name] => _byName.TryGetValue(name, out Parameter? parameter)
        ? parameter
        : throw new KeyNotFoundException($"there is no parameter '{name}'");

    /// <summary>Adds a parameter; all are added before the first one is used.</summary>
    /// <param name="name">A path that no other parameter of the set has.</param>
    /// <param name="shape">The sizes of its dimensions.</param>
    /// <param name="kind">What kind of parameter it is.</param>
    /// <exception cref="InvalidOperationException">The set is in use already, or the name is taken.</exception>
    public ParameterView Add(string name, Shape shape, ParameterKind kind)
    {
        if (_closed)
        {
            throw new InvalidOperationException($"'{name}' comes too late: the parameters are in use");
        }

        var parameter = new Parameter(this, name, shape, kind, _parameters.Count, Count);
        if (!_byName.TryAdd(name, parameter))
        {
            throw new InvalidOperationException($"there is a parameter '{name}' already");
        }

        _parameters.Add(parameter);
        Count += shape.Count;
        return new ParameterView(parameter, parameter, shape);
    }

    /// <summary>Sees matrices or vectors that were added one after another as one, stacked along the first dimension.</summary>
    /// <param name="views">Neighbours in memory, in order, with the same innermost size when they are matrices.</param>
    /// <exception cref="ShapeException">They are not neighbours, or their innermost sizes differ.</exception>
    /// <exception cref="ArgumentException">There is none, or they are of different sets.</exception>
    public static ParameterView Stack(params ReadOnlySpan<ParameterView> views)
    {
        if (views.IsEmpty)
        {
            throw new ArgumentException("a stack of parameters needs at least one", nameof(views));
        }

        int first = 0;
        for (int i = 0; i < views.Length; i++)
        {
            views[0].Owner.RequireOwn(views[i].First);
            bool follows = i == 0 || views[i].First.Index == views[i - 1].Last.Index + 1;
            bool fits = views[i].Shape.Rank == views[0].Shape.Rank
                && (views[i].Shape.Rank == 1 || views[i].Shape.Columns == views[0].Shape.Columns);
            ShapeException.Require(
                follows && fits, "stack of parameters", views[0].Shape, views[i].Shape, "they must be neighbours with equal rows");
            first += views[i].Shape[0];
        }

        Shape shape = views[0].Shape.Rank == 1 ? new Shape(first) : new Shape(first, views[0].Shape.Columns);
        return new ParameterView(views[0].First, views[^1].Last, shape);
    }

    /// <summary>The numbers of one parameter.</summary>
    /// <remarks>
    /// The span looks at memory outside the managed heap and keeps nothing alive: it is valid while the set is neither disposed nor
    /// garbage. Hold the set, or the model that owns it, with <c>using</c> around every use.
    /// </remarks>
    /// <param name="parameter">A parameter of this set.</param>
    /// <exception cref="ArgumentException">It is a parameter of another set.</exception>
    public Span<float> Data(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        RequireOwn(parameter);
        return new(Pointer + parameter.Offset, parameter.Shape.Count);
    }

    /// <summary>A buffer of zeros with this set's layout: for gradients or an optimizer's moments.</summary>
    public ParameterBuffer CreateBuffer() => new(this);

    /// <inheritdoc/>
    public void Dispose() => _memory?.Dispose();

    /// <summary>No parameter can be added from now on: something has the set's present size.</summary>
    internal void Close() => _closed = true;

    internal void RequireOwn(Parameter parameter)
    {
        if (parameter.Owner != this)
        {
            throw new ArgumentException($"'{parameter.Name}' is a parameter of another set", nameof(parameter));
        }
    }

    /// <summary>The index of the parameter that a number of the flat buffer belongs to.</summary>
    internal int IndexAt(long offset)
    {
        int low = 0, high = _parameters.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_parameters[middle].Offset <= offset)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    internal float* Pointer
    {
        get
        {
            if (_memory is null)
            {
                Close();
                _memory = new AlignedMemory(Count);
                _memory.Clear();
            }

            return _memory.Pointer;
        }
    }
}
