using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Habla.Tensors.Kernels;
using Habla.Tensors.Measuring;
using Habla.Tensors.Threading;

namespace Habla.Tensors;

/// <summary>
/// Records the operations of a forward pass and walks back over them (reverse-mode automatic differentiation). A tape owns the
/// memory of its activations and is told where parameter gradients go; tapes on different threads share only the weights.
/// </summary>
/// <remarks>
/// The operations compute on that memory by address. Each keeps the tape it is given, and with it the parameters, alive until it
/// returns; whoever holds a span of <see cref="Tensor.Data"/> has to do so too, which <c>using</c> does.
/// </remarks>
public sealed unsafe class Tape : IDisposable
{
    private readonly ParameterSet _parameters;
    private readonly Arena _arena = new();
    private readonly List<Tensor> _tensors = [];
    private readonly List<Operation> _operations = [];
    private readonly Dictionary<ParameterView, Tensor> _views = [];
    private readonly Dictionary<long, Stack<nint>> _freeGradients = [];
    private readonly bool[] _gradientWritten;
    private readonly int[] _uses;
    private readonly (nint Memory, int Count)[] _sharedGradients;
    private ParameterBuffer? _gradients, _ownGradients;
    private PackedWeights? _packedWeights;
    private RoundedWeights? _roundedWeights, _ownRoundedWeights;
    private bool _ownWeightsAreFresh;
    private int _microBatches = 1;
    private int _tensorCount;
    private int _operationCount;
    private bool _walkedBack;
    private List<Tensor>? _gradientsJustWritten;
    private (int Operation, int Element)? _firstNonFinite;

    /// <summary>Creates a tape for one model's parameters.</summary>
    /// <param name="parameters">The parameters that the operations read.</param>
    /// <param name="mode">Whether to record for a backward pass; default <see cref="TapeMode.Training"/>.</param>
    /// <param name="pool">The threads that large operations may share; default: the calling thread alone.</param>
    /// <param name="format">How what operations make is stored; default float32.</param>
    public Tape(
        ParameterSet parameters, TapeMode mode = TapeMode.Training, WorkerPool? pool = null,
        ActivationFormat format = ActivationFormat.Float32)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        _parameters = parameters;
        parameters.Close();
        Mode = mode;
        Pool = pool ?? WorkerPool.Serial;
        Format = format;
        Windows = format == ActivationFormat.Float32 ? null : new Windows();
        _gradientWritten = new bool[parameters.Parameters.Count];
        _uses = new int[parameters.Parameters.Count];
        _sharedGradients = new (nint, int)[parameters.Parameters.Count];
    }

    /// <summary>Whether operations are recorded.</summary>
    public TapeMode Mode { get; }

    /// <summary>The threads that large operations share.</summary>
    public WorkerPool Pool { get; }

    /// <summary>
    /// How tensors that operations make, and their gradients, are stored. In a 16-bit format matrix products multiply 16-bit numbers, those
    /// of <see cref="RoundedWeights"/> included, and add float32 ones; gradients of parameters, logits and losses are float32 always.
    /// </summary>
    public ActivationFormat Format { get; }

    /// <summary>
    /// What <see cref="Backward"/> takes as the derivative of the loss by itself, so that every gradient is larger by as much; default 1.
    /// Binary16 loses gradients below 6·10⁻⁸ otherwise.
    /// </summary>
    public float LossScale { get; set; } = 1;

    /// <summary>
    /// Where <see cref="Backward"/> puts the gradient of every parameter: a buffer of the tape's own, made when first needed,
    /// or one that is set before <see cref="Backward"/>, so that one tape can serve several micro-batches with a buffer each.
    /// </summary>
    /// <exception cref="ArgumentException">The buffer that is set has the layout of other parameters than the tape's.</exception>
    public ParameterBuffer Gradients
    {
        get => _gradients ??= _ownGradients = _parameters.CreateBuffer();
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            value.RequireLayout(_parameters, nameof(value));
            _gradients = value;
        }
    }

    /// <summary>Where dropout takes its random numbers from; null (the default) means no dropout, as in evaluation.</summary>
    public DropoutSource? Dropout { get; set; }

    /// <summary>
    /// How many micro-batches of equal size the pass holds, one after another along the first dimension; default 1. The gradient
    /// of each parameter is then the sum over the micro-batches in the fixed tree of <see cref="Ops.GradientSum"/>, with the bits
    /// that one pass for each would have given. Set it before the forward pass; <see cref="Reset"/> makes it 1 again.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int MicroBatches
    {
        get => _microBatches;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            _microBatches = value;
        }
    }

    /// <summary>
    /// Weights packed for all passes of a step; null (the default) when each pass packs for itself. For tapes that run on one thread.
    /// </summary>
    /// <exception cref="ArgumentException">They are the weights of other parameters than the tape's.</exception>
    public PackedWeights? PackedWeights
    {
        get => _packedWeights;
        set
        {
            value?.RequireParameters(_parameters, nameof(value));
            _packedWeights = value;
        }
    }

    /// <summary>
    /// The weights that a 16-bit tape multiplies by, refreshed once for all passes of a step; null (the default) when each pass rounds
    /// its own.
    /// </summary>
    /// <exception cref="ArgumentException">They are of other parameters or of another format than the tape's.</exception>
    public RoundedWeights? RoundedWeights
    {
        get => _roundedWeights;
        set
        {
            value?.RequireParameters(_parameters, Format, nameof(value));
            _roundedWeights = value;
        }
    }

    /// <summary>Adds up how long each kind of operation takes; null (the default) for no measurement.</summary>
    public OperationTimes? Times { get; set; }

    /// <summary>
    /// Whether each operation's output is looked at when it is made, for <see cref="FindNonFinite"/>: an operation in place then
    /// cannot hide what it was given. Default false; for finding out where a run went wrong, not for every step.
    /// </summary>
    public bool ChecksEachOperation { get; set; }

    /// <summary>
    /// How many bytes of activations and their gradients the tape holds memory for; in a 16-bit format with the float32 windows through
    /// which an operation sees them.
    /// </summary>
    public long ActivationBytes => (_arena.Capacity + (Windows?.Capacity ?? 0)) * sizeof(float);

    /// <summary>A tensor that stands for a parameter, or for several side by side, on this tape.</summary>
    /// <param name="view">What <see cref="ParameterSet.Add"/> or <see cref="ParameterSet.Stack"/> gave.</param>
    /// <exception cref="ArgumentException">
    /// The view is of another set than the tape's, or overlaps one that is in use: a parameter is used either alone or within one stack.
    /// </exception>
    public Tensor Use(ParameterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (!_views.TryGetValue(view, out Tensor? tensor))
        {
            _parameters.RequireOwn(view.First);
            RequireNoOverlap(view);
            tensor = new Tensor();
            tensor.BecomeParameter(this, view);
            _views.Add(view, tensor);
        }

        _uses[view.First.Index]++;
        return tensor;
    }

    /// <summary>Like <see cref="Use"/> for a parameter that a model may not have.</summary>
    /// <param name="view">A view, or null.</param>
    /// <returns>The tensor, or null.</returns>
    public Tensor? UseOptional(ParameterView? view) => view is null ? null : Use(view);

    /// <summary>A new float32 tensor with undefined content, valid until <see cref="Reset"/>.</summary>
    /// <param name="shape">Its shape.</param>
    public Tensor Create(Shape shape)
    {
        Tensor tensor = NextTensor();
        tensor.BecomeActivation(this, shape, _arena.Allocate(shape.Count));
        return tensor;
    }

    /// <summary>The tensor that an operation makes, in the tape's format, with undefined content.</summary>
    internal Tensor CreateOutput(Shape shape)
    {
        if (Format == ActivationFormat.Float32)
        {
            return Create(shape);
        }

        Tensor tensor = NextTensor();
        tensor.BecomeStoredActivation(this, shape, AllocateSixteenBits(shape.Count));
        return tensor;
    }

    /// <summary>A new float32 tensor with given content, valid until <see cref="Reset"/>.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="values">As many numbers as the shape has elements.</param>
    /// <exception cref="ShapeException">The number of values differs.</exception>
    public Tensor Create(Shape shape, ReadOnlySpan<float> values)
    {
        if (values.Length != shape.Count)
        {
            throw new ShapeException($"a tensor {shape} has {shape.Count} elements, but {values.Length} values were given");
        }

        Tensor tensor = Create(shape);
        values.CopyTo(tensor.Data);
        GC.KeepAlive(this);
        return tensor;
    }

    /// <summary>
    /// Walks back over the recorded operations. Afterwards <see cref="Gradients"/> holds the derivative of the loss by every
    /// parameter (zero where the loss does not depend on it).
    /// </summary>
    /// <param name="loss">A tensor with one element for each of <see cref="MicroBatches"/>, made on this tape.</param>
    /// <exception cref="ArgumentException">The loss was made on another tape, or before this one was reset.</exception>
    /// <exception cref="ShapeException">The loss has another number of elements.</exception>
    /// <exception cref="InvalidOperationException">The tape does not record, or went back since the last reset.</exception>
    public void Backward(Tensor loss)
    {
        StartBackward(loss);
        for (int i = _operationCount - 1; i >= 0; i--)
        {
            GoBack(_operations[i]);
        }

        CompleteParameterGradients();
    }

    /// <summary>
    /// Does what <see cref="Backward"/> does, but looks at every gradient that an operation has written and stops at the first NaN
    /// or infinity. For finding out where a run went wrong, not for every step.
    /// </summary>
    /// <param name="loss">A tensor with one element for each of <see cref="MicroBatches"/>, made on this tape.</param>
    /// <returns>
    /// The gradient and the operation that wrote it; then <see cref="Gradients"/> holds nothing of use. Null when all are finite.
    /// </returns>
    /// <exception cref="ArgumentException">The loss was made on another tape, or before this one was reset.</exception>
    /// <exception cref="ShapeException">The loss has another number of elements.</exception>
    /// <exception cref="InvalidOperationException">The tape does not record, or went back since the last reset.</exception>
    public NonFiniteTensor? BackwardFindingNonFinite(Tensor loss)
    {
        StartBackward(loss);
        _gradientsJustWritten = [];
        try
        {
            for (int i = _operationCount - 1; i >= 0; i--)
            {
                if (_operations[i].Output.HasGradient && NonFiniteBehind(_operations[i]) is { } gradient)
                {
                    return gradient with
                    {
                        Description = $"the gradient of {gradient} written by operation {i + 1}, {_operations[i].Description}",
                    };
                }
            }
        }
        finally
        {
            _gradientsJustWritten = null;
        }

        CompleteParameterGradients();
        return null;
    }

    /// <summary>
    /// Names the first tensor of the recorded forward pass that holds a NaN or an infinity; null when all are finite. For finding
    /// out where a run went wrong, not for every step.
    /// </summary>
    public NonFiniteTensor? FindNonFinite()
    {
        for (int i = 0; i < _operationCount && !ChecksEachOperation; i++)
        {
            NoteNonFinite(i);
        }

        GC.KeepAlive(this);
        return _firstNonFinite is not { } first ? null : new NonFiniteTensor(
            $"the output {_operations[first.Operation].Output.Shape} of operation {Describe(first.Operation)}, at element {first.Element}",
            _operations[first.Operation].Output.Shape, first.Element, IsActivation: true);
    }

    /// <summary>Forgets the recorded pass and takes the memory of its tensors back; they are empty afterwards.</summary>
    public void Reset()
    {
        ExpireTensors();
        _arena.Reset();
        _operationCount = 0;
        _walkedBack = _ownWeightsAreFresh = false;
        _firstNonFinite = null;
        MicroBatches = 1;
        Dropout = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ExpireTensors();
        _operationCount = 0;
        _arena.Dispose();
        Windows?.Dispose();
        _ownGradients?.Dispose();
        _ownRoundedWeights?.Dispose();
    }

    /// <summary>
    /// Refuses a tensor of another tape, whose memory and gradients are not this one's, and one that outlived a reset.
    /// Every operation asks for each tensor it is given.
    /// </summary>
    internal void RequireOwn([NotNull] Tensor? tensor, [CallerArgumentExpression(nameof(tensor))] string argument = "")
    {
        ArgumentNullException.ThrowIfNull(tensor, argument);
        if (tensor.Tape != this)
        {
            throw new ArgumentException("this tensor was made on another tape, or before this one was reset", argument);
        }
    }

    internal bool Records => Mode == TapeMode.Training;

    /// <summary>Where operations see 16-bit tensors; null in float32.</summary>
    internal Windows? Windows { get; }

    /// <summary>An operation has computed its output: it is stored, and the windows close. Says whether to record the operation.</summary>
    internal bool Stores(Tensor output)
    {
        Windows?.Close(changed: output);
        return Records;
    }

    /// <summary>Appends an operation, taking the object of the same place in the last pass when it is of the same kind.</summary>
    internal TOperation Record<TOperation>(Tensor output)
        where TOperation : Operation, new()
    {
        if (_operationCount == _operations.Count)
        {
            _operations.Add(new TOperation());
        }
        else if (_operations[_operationCount] is not TOperation)
        {
            _operations[_operationCount] = new TOperation();
        }

        var operation = (TOperation)_operations[_operationCount++];
        operation.Output = output;
        Times?.AddForward(operation);
        if (ChecksEachOperation)
        {
            NoteNonFinite(_operationCount - 1);
        }

        return operation;
    }

    /// <summary>Memory that lives as long as the pass, for what an operation keeps for its way back.</summary>
    internal float* AllocateFloats(long count) => _arena.Allocate(count);

    /// <summary>The same for 16-bit numbers.</summary>
    internal ushort* AllocateSixteenBits(long count) => (ushort*)AllocateFloats(SixteenBits.FloatsFor(count));

    /// <summary>A linear map's weight as <see cref="PackedWeights"/> has it; null when it has none.</summary>
    internal float* FindPacked(Tensor weight) =>
        PackedWeights is null || weight.View is null ? null : PackedWeights.Find(weight.View);

    /// <summary>Memory for an activation's gradient: that of a gradient of the same size that was passed on, where there is one.</summary>
    internal float* TakeGradientMemory(long count) =>
        _freeGradients.TryGetValue(count, out Stack<nint>? free) && free.Count > 0 ? (float*)free.Pop() : AllocateFloats(count);

    internal void ReturnGradientMemory(float* gradient, long count)
    {
        if (!_freeGradients.TryGetValue(count, out Stack<nint>? free))
        {
            _freeGradients.Add(count, free = new Stack<nint>());
        }

        free.Push((nint)gradient);
    }

    /// <summary>Whether a parameter is used more than once in this pass.</summary>
    internal bool IsShared(int parameter) => _uses[parameter] > 1;

    /// <summary>Memory for the gradients of a shared parameter by the second and later micro-batches.</summary>
    internal float* SharedGradients(ParameterView view)
    {
        ref (nint Memory, int Count) shared = ref _sharedGradients[view.First.Index];
        if (shared.Memory == 0)
        {
            shared = ((nint)AllocateFloats((MicroBatches - 1) * (long)view.Shape.Count), view.Shape.Count);
        }

        return (float*)shared.Memory;
    }

    internal float* ParameterData(long offset) =>
        (Format == ActivationFormat.Float32 ? _parameters.Pointer : (RoundedWeights ?? OwnRoundedWeights()).Pointer) + offset;

    internal float* ParameterGradient(long offset) => Gradients.Pointer + offset;

    /// <summary>A tensor's gradient is about to be written.</summary>
    internal void NoteGradient(Tensor tensor) => _gradientsJustWritten?.Add(tensor);

    internal bool IsGradientWritten(int parameter) => _gradientWritten[parameter];

    internal void MarkGradientWritten(int first, int last) => _gradientWritten.AsSpan(first, last - first + 1).Fill(true);

    /// <summary>A gradient is noted as written for a whole view; of views that overlap in part, one would hide the other's.</summary>
    private void RequireNoOverlap(ParameterView view)
    {
        foreach (ParameterView other in _views.Keys)
        {
            bool apart = view.Last.Index < other.First.Index || other.Last.Index < view.First.Index;
            bool same = view.First == other.First && view.Last == other.Last;
            if (!apart && !same)
            {
                throw new ArgumentException(
                    $"'{view.First.Name}' is used both alone and in a stack, or in two stacks: use it in one way on a tape", nameof(view));
            }
        }
    }

    private void StartBackward(Tensor loss)
    {
        RequireOwn(loss);
        if (loss.Shape.Count != MicroBatches)
        {
            throw new ShapeException(
                $"backward starts from one number for each of {MicroBatches} micro-batches, but the loss has shape {loss.Shape}");
        }

        if (!Records)
        {
            throw new InvalidOperationException("this tape does not record: create it with TapeMode.Training");
        }

        if (_walkedBack)
        {
            throw new InvalidOperationException(
                "this tape went back already, and would add to the gradients that left: call Reset, then do the forward pass again");
        }

        _walkedBack = true;
        Array.Clear(_gradientWritten);
        new Span<float>(loss.GradientToWrite(out _), MicroBatches).Fill(LossScale);
        Windows?.Close(changed: null);
    }

    private void GoBack(Operation operation)
    {
        if (!operation.Output.HasGradient)
        {
            return;
        }

        operation.Backward(this);
        if (!operation.IsInPlace)
        {
            operation.Output.ReturnGradientMemory();
        }
        else
        {
            operation.Output.MarkGradientChanged();
        }

        Windows?.Close(changed: null);
        Times?.AddBackward(operation);
    }

    /// <summary>Sums what shared parameters have for each micro-batch, and clears what nothing was written to.</summary>
    private void CompleteParameterGradients()
    {
        foreach (Parameter parameter in _parameters.Parameters)
        {
            if (!_gradientWritten[parameter.Index])
            {
                Gradients.Data(parameter).Clear();
            }
            else if (_sharedGradients[parameter.Index] is { Memory: not 0 } shared)
            {
                // The count is that of the view, which may hold the parameters that follow as well.
                TreeSum.IntoFirst(ParameterGradient(parameter.Offset), (float*)shared.Memory, MicroBatches, shared.Count, Pool);
            }
        }

        GC.KeepAlive(this);
    }

    /// <summary>Lets one operation go back; says which of the gradients it wrote is not finite, and where.</summary>
    private NonFiniteTensor? NonFiniteBehind(Operation operation)
    {
        _gradientsJustWritten!.Clear();
        operation.Backward(this); // and keeps the gradient of its output, to be looked at
        _gradientsJustWritten.Add(operation.Output); // what works in place changes the gradient of its output
        if (operation.IsInPlace)
        {
            operation.Output.MarkGradientChanged();
        }

        Windows?.Close(changed: null); // what overflows when it is stored counts as well
        foreach (Tensor tensor in _gradientsJustWritten)
        {
            int at = new ReadOnlySpan<float>(tensor.GradientPointer, tensor.Shape.Count).IndexOfAnyNonFinite();
            Windows?.Close(changed: null);
            if (at >= 0)
            {
                return new NonFiniteTensor(
                    $"{tensor.ParameterName ?? "an activation"} {tensor.Shape}, at element {at},", tensor.Shape, at, tensor.View is null);
            }
        }

        GC.KeepAlive(this);
        return null;
    }

    private Tensor NextTensor()
    {
        if (_tensorCount == _tensors.Count)
        {
            _tensors.Add(new Tensor());
        }

        return _tensors[_tensorCount++];
    }

    /// <summary>The weights as they were when the pass first asked for one.</summary>
    private RoundedWeights OwnRoundedWeights()
    {
        _ownRoundedWeights ??= new RoundedWeights(_parameters, Format);
        if (!_ownWeightsAreFresh)
        {
            _ownRoundedWeights.Refresh(Pool);
            _ownWeightsAreFresh = true;
        }

        return _ownRoundedWeights;
    }

    private void NoteNonFinite(int operation)
    {
        Tensor output = _operations[operation].Output;
        int at = _firstNonFinite is null ? new ReadOnlySpan<float>(output.DataPointer, output.Shape.Count).IndexOfAnyNonFinite() : -1;
        Windows?.Close(changed: null);
        if (at >= 0)
        {
            _firstNonFinite = (operation, at);
        }
    }

    /// <summary>An operation's number and kind; of one in place, also what made the tensor that it changed.</summary>
    private string Describe(int operation)
    {
        string itself = $"{operation + 1}, {_operations[operation].Description}";
        int maker = _operations.FindIndex(0, operation, other => other.Output == _operations[operation].Output);
        return _operations[operation].IsInPlace && maker >= 0
            ? $"{itself} in place on the output of operation {maker + 1}, {_operations[maker].Description}"
            : itself;
    }

    private void ExpireTensors()
    {
        Windows?.Forget();
        Array.Clear(_uses);
        Array.Clear(_sharedGradients);
        foreach (Stack<nint> free in _freeGradients.Values)
        {
            free.Clear();
        }

        for (int i = 0; i < _tensorCount; i++)
        {
            _tensors[i].Expire();
        }

        _tensorCount = 0;
    }
}
