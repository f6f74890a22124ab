using Habla.Tensors.Kernels;

namespace Habla.Tensors;

/// <summary>
/// A model's parameters as one tape sees them: the tensors that stand for them, the weights it multiplies by, and where their gradients
/// go. A parameter that a pass uses more than once has a gradient for each micro-batch, and these are summed at the end.
/// </summary>
internal sealed unsafe class TapeParameters(Tape tape, ParameterSet parameters) : IDisposable
{
    private readonly Dictionary<ParameterView, Tensor> _views = [];
    private readonly bool[] _gradientWritten = new bool[parameters.Parameters.Count];
    private readonly int[] _uses = new int[parameters.Parameters.Count];
    private readonly (nint Memory, int Count)[] _sharedGradients = new (nint, int)[parameters.Parameters.Count];
    private ParameterBuffer? _gradients, _ownGradients;
    private PackedWeights? _packedWeights;
    private RoundedWeights? _roundedWeights, _ownRoundedWeights;
    private InferenceWeights? _inferenceWeights;
    private bool _ownWeightsAreFresh;

    /// <inheritdoc cref="Tape.Gradients"/>
    public ParameterBuffer Gradients
    {
        get => _gradients ??= _ownGradients = parameters.CreateBuffer();
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            value.RequireLayout(parameters, nameof(value));
            _gradients = value;
        }
    }

    /// <inheritdoc cref="Tape.PackedWeights"/>
    public PackedWeights? PackedWeights
    {
        get => _packedWeights;
        set
        {
            value?.RequireParameters(parameters, nameof(value));
            _packedWeights = value;
        }
    }

    /// <inheritdoc cref="Tape.RoundedWeights"/>
    public RoundedWeights? RoundedWeights
    {
        get => _roundedWeights;
        set
        {
            value?.RequireParameters(parameters, tape.Format, nameof(value));
            _roundedWeights = value;
        }
    }

    /// <inheritdoc cref="Tape.InferenceWeights"/>
    public InferenceWeights? InferenceWeights
    {
        get => _inferenceWeights;
        set
        {
            value?.RequireParameters(parameters, nameof(value));
            if (value is not null && (tape.Mode != TapeMode.Inference || tape.Format != ActivationFormat.Float32))
            {
                throw new InvalidOperationException(
                    "weights stored for inference are for a tape that does not record and stores float32: its mode is "
                    + $"{tape.Mode}, its format {tape.Format}");
            }

            _inferenceWeights = value;
        }
    }

    /// <inheritdoc cref="Tape.Use"/>
    public Tensor Use(ParameterView view)
    {
        if (!_views.TryGetValue(view, out Tensor? tensor))
        {
            parameters.RequireOwn(view.First);
            RequireNoOverlap(view);
            tensor = new Tensor();
            tensor.BecomeParameter(tape, view);
            _views.Add(view, tensor);
        }

        _uses[view.First.Index]++;
        return tensor;
    }

    /// <summary>A parameter's numbers, rounded where the tape's format is of 16 bits.</summary>
    /// <param name="offset">Where the parameter begins.</param>
    public float* Data(long offset) =>
        (tape.Format == ActivationFormat.Float32 ? parameters.Pointer : (RoundedWeights ?? OwnRoundedWeights()).Pointer) + offset;

    /// <summary>A parameter's gradient, by the first micro-batch where each has its own.</summary>
    /// <param name="offset">Where the parameter begins.</param>
    public float* Gradient(long offset) => Gradients.Pointer + offset;

    /// <summary>Whether a parameter is used more than once in this pass.</summary>
    public bool IsShared(int parameter) => _uses[parameter] > 1;

    /// <summary>Memory for the gradients of a shared parameter by the second and later micro-batches.</summary>
    public float* SharedGradients(ParameterView view)
    {
        ref (nint Memory, int Count) shared = ref _sharedGradients[view.First.Index];
        if (shared.Memory == 0)
        {
            shared = ((nint)tape.AllocateFloats((tape.MicroBatches - 1) * (long)view.Shape.Count), view.Shape.Count);
        }

        return (float*)shared.Memory;
    }

    public bool IsGradientWritten(int parameter) => _gradientWritten[parameter];

    public void MarkGradientWritten(int first, int last) => _gradientWritten.AsSpan(first, last - first + 1).Fill(true);

    /// <summary>The way back begins: no gradient is written yet.</summary>
    public void StartGradients() => Array.Clear(_gradientWritten);

    /// <summary>Sums what shared parameters have for each micro-batch, and clears what nothing was written to.</summary>
    public void CompleteGradients()
    {
        foreach (Parameter parameter in parameters.Parameters)
        {
            if (!_gradientWritten[parameter.Index])
            {
                Gradients.Data(parameter).Clear();
            }
            else if (_sharedGradients[parameter.Index] is { Memory: not 0 } shared)
            {
                // The count is that of the view, which may hold the parameters that follow as well.
                TreeSum.IntoFirst(Gradient(parameter.Offset), (float*)shared.Memory, tape.MicroBatches, shared.Count, tape.Pool);
            }
        }
    }

    /// <summary>Forgets the pass.</summary>
    public void Reset()
    {
        Array.Clear(_uses);
        Array.Clear(_sharedGradients);
        _ownWeightsAreFresh = false;
    }

    public void Dispose()
    {
        Reset();
        _ownGradients?.Dispose();
        _ownRoundedWeights?.Dispose();
    }

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

    /// <summary>The weights as they were when the pass first asked for one.</summary>
    private RoundedWeights OwnRoundedWeights()
    {
        _ownRoundedWeights ??= new RoundedWeights(parameters, tape.Format);
        if (!_ownWeightsAreFresh)
        {
            _ownRoundedWeights.Refresh(tape.Pool);
            _ownWeightsAreFresh = true;
        }

        return _ownRoundedWeights;
    }
}
