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
/// What a pass needs has a file each: <see cref="TapeMemory"/>, <see cref="TapeParameters"/>, <see cref="RecordedOperations"/>,
/// <see cref="BackwardWalk"/>, and <see cref="NonFiniteSearch"/> for when it went wrong.
/// The operations compute on that memory by address. Each keeps the tape it is given, and with it the parameters, alive until it
/// returns; whoever holds a span of <see cref="Tensor.Data"/> has to do so too, which <c>using</c> does.
/// </remarks>
public sealed unsafe class Tape : IDisposable
{
    /// <summary>
    /// The largest <see cref="MicroBatches"/>: some kernels keep 64 bytes for each on the stack, 256 KB in all, where a thread's stack
    /// has 1.5 MB or more.
    /// </summary>
    public const int MostMicroBatches = 4096;

    private readonly RecordedOperations _operations = new();
    private readonly TapeMemory _memory;
    private readonly NonFiniteSearch _search;
    private readonly BackwardWalk _walk;
    private int _microBatches = 1;

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
        parameters.Close();
        Mode = mode;
        Pool = pool ?? WorkerPool.Serial;
        Format = format;
        Windows = format == ActivationFormat.Float32 ? null : new Windows();
        Parameters = new TapeParameters(this, parameters);
        _memory = new TapeMemory(this, Windows);
        _search = new NonFiniteSearch(this, _operations);
        _walk = new BackwardWalk(this, _operations);
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
        get => Parameters.Gradients;
        set => Parameters.Gradients = value;
    }

    /// <summary>Where dropout takes its random numbers from; null (the default) means no dropout, as in evaluation.</summary>
    public DropoutSource? Dropout { get; set; }

    /// <summary>
    /// How many micro-batches of equal size the pass holds, one after another along the first dimension; default 1, at most
    /// <see cref="MostMicroBatches"/>. The gradient of each parameter is then the sum over the micro-batches in the fixed tree of
    /// <see cref="Ops.GradientSum"/>, with the bits that one pass for each would have given. Set it before the forward pass; <see cref="Reset"/> makes it 1 again.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// Less than 1, or more than <see cref="MostMicroBatches"/>.
    /// </exception>
    public int MicroBatches
    {
        get => _microBatches;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MostMicroBatches);
            _microBatches = value;
        }
    }

    /// <summary>
    /// Weights packed for all passes of a step; null (the default) when each pass packs for itself. For tapes that run on one thread.
    /// </summary>
    /// <exception cref="ArgumentException">They are the weights of other parameters than the tape's.</exception>
    public PackedWeights? PackedWeights
    {
        get => Parameters.PackedWeights;
        set => Parameters.PackedWeights = value;
    }

    /// <summary>
    /// The weights that a 16-bit tape multiplies by, refreshed once for all passes of a step; null (the default) when each pass rounds
    /// its own.
    /// </summary>
    /// <exception cref="ArgumentException">They are of other parameters or of another format than the tape's.</exception>
    public RoundedWeights? RoundedWeights
    {
        get => Parameters.RoundedWeights;
        set => Parameters.RoundedWeights = value;
    }

    /// <summary>
    /// The matrices that linear maps multiply by and tables are looked up in, as inference stores them; null (the default) for the
    /// parameters themselves. For a tape in float32 that does not record.
    /// </summary>
    /// <exception cref="ArgumentException">They are the weights of other parameters than the tape's.</exception>
    /// <exception cref="InvalidOperationException">The tape records, or its format is of 16 bits.</exception>
    public InferenceWeights? InferenceWeights
    {
        get => Parameters.InferenceWeights;
        set => Parameters.InferenceWeights = value;
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
    public long ActivationBytes => _memory.Bytes;

    /// <summary>A tensor that stands for a parameter, or for several side by side, on this tape.</summary>
    /// <param name="view">What <see cref="ParameterSet.Add"/> or <see cref="ParameterSet.Stack"/> gave.</param>
    /// <exception cref="ArgumentException">
    /// The view is of another set than the tape's, or overlaps one that is in use: a parameter is used either alone or within one stack.
    /// </exception>
    public Tensor Use(ParameterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return Parameters.Use(view);
    }

    /// <summary>Like <see cref="Use"/> for a parameter that a model may not have.</summary>
    /// <param name="view">A view, or null.</param>
    /// <returns>The tensor, or null.</returns>
    public Tensor? UseOptional(ParameterView? view) => view is null ? null : Use(view);

    /// <summary>A new float32 tensor with undefined content, valid until <see cref="Reset"/>.</summary>
    /// <param name="shape">Its shape.</param>
    public Tensor Create(Shape shape) => _memory.Create(shape);

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
        _walk.Go(loss);
        GC.KeepAlive(this);
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
        NonFiniteTensor? first = _walk.Go(loss, _search);
        GC.KeepAlive(this);
        return first;
    }

    /// <summary>
    /// Names the first tensor of the recorded forward pass that holds a NaN or an infinity; null when all are finite. For finding
    /// out where a run went wrong, not for every step.
    /// </summary>
    public NonFiniteTensor? FindNonFinite()
    {
        for (int i = 0; i < _operations.Count && !ChecksEachOperation; i++)
        {
            _search.LookAtOutput(i);
        }

        GC.KeepAlive(this);
        return _search.FirstOutput();
    }

    /// <summary>Forgets the recorded pass and takes the memory of its tensors back; they are empty afterwards.</summary>
    public void Reset()
    {
        _memory.Reset();
        Parameters.Reset();
        _operations.Clear();
        _walk.Reset();
        _search.Reset();
        MicroBatches = 1;
        Dropout = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _memory.Dispose();
        Parameters.Dispose();
        _operations.Clear();
    }

    /// <summary>
    /// Refuses a tensor of another tape, whose memory and gradients are not this one's, and one that outlived a reset.
    /// Every operation asks for each tensor it reads, and so marks it as read.
    /// </summary>
    internal void RequireOwn([NotNull] Tensor? tensor, [CallerArgumentExpression(nameof(tensor))] string argument = "")
    {
        RequireOfThisTape(tensor, argument);
        tensor.WasRead = true;
    }

    /// <summary>The same for a tensor whose place the operation's output takes: no other operation may have read it.</summary>
    internal void RequireOwnUnread([NotNull] Tensor? tensor, [CallerArgumentExpression(nameof(tensor))] string argument = "")
    {
        RequireOfThisTape(tensor, argument);
        if (tensor.WasRead)
        {
            throw new ArgumentException(
                $"this tensor {tensor.Shape} is to be changed in place, but an operation has read it already and may need it as it was "
                    + "on its way back: change it first, or give each a tensor of its own", argument);
        }
    }

    /// <summary>Its parameters, and where their gradients go.</summary>
    internal TapeParameters Parameters { get; }

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
        TOperation operation = _operations.Add<TOperation>(output);
        Times?.AddForward(operation);
        if (ChecksEachOperation)
        {
            _search.LookAtOutput(_operations.Count - 1);
        }

        return operation;
    }

    /// <summary>The tensor that an operation makes, in the tape's format, with undefined content.</summary>
    internal Tensor CreateOutput(Shape shape) => Format == ActivationFormat.Float32 ? Create(shape) : _memory.CreateStored(shape);

    /// <summary>Memory that lives as long as the pass, for what an operation keeps for its way back.</summary>
    internal float* AllocateFloats(long count) => _memory.AllocateFloats(count);

    /// <summary>The same for 16-bit numbers.</summary>
    internal ushort* AllocateSixteenBits(long count) => _memory.AllocateSixteenBits(count);

    /// <summary>A linear map's weight as <see cref="PackedWeights"/> has it; null when it has none.</summary>
    internal float* FindPacked(Tensor weight) =>
        PackedWeights is null || weight.View is null ? null : PackedWeights.Find(weight.View);

    /// <summary>A linear map's weight as <see cref="InferenceWeights"/> stores it; null for the parameter itself.</summary>
    internal WeightMatrix? FindStored(Tensor weight) => weight.View is { } view ? InferenceWeights?.Matrix(view, Pool) : null;

    /// <summary>Memory for an activation's gradient.</summary>
    internal float* TakeGradientMemory(long count) => _memory.TakeGradient(count);

    /// <summary>That gradient was passed on.</summary>
    internal void ReturnGradientMemory(float* gradient, long count) => _memory.ReturnGradient(gradient, count);

    /// <summary>A tensor's gradient is about to be written.</summary>
    internal void NoteGradient(Tensor tensor) => _search.NoteGradient(tensor);

    private void RequireOfThisTape([NotNull] Tensor? tensor, string argument)
    {
        ArgumentNullException.ThrowIfNull(tensor, argument);
        if (tensor.Tape != this)
        {
            throw new ArgumentException("this tensor was made on another tape, or before this one was reset", argument);
        }
    }
}
