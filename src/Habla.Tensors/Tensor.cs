namespace Habla.Tensors;

/// <summary>
/// A shape and where its float32 numbers are: contiguous, row-major. A tensor made on a <see cref="Tape"/> (an activation) is
/// valid until the tape is reset; one that stands for a parameter views the parameter's own memory.
/// </summary>
public sealed unsafe class Tensor
{
    private Tape _tape = null!;
    private ParameterView? _view;
    private float* _gradient;
    private bool _gradientWritten;

    internal Tensor()
    {
    }

    /// <summary>The sizes of the dimensions.</summary>
    public Shape Shape { get; private set; }

    /// <summary>The numbers, row-major.</summary>
    public Span<float> Data => new(DataPointer, Shape.Count);

    /// <summary>
    /// The derivative of the loss by each number, once <see cref="Tape.Backward"/> has run; empty when the loss does not
    /// depend on this tensor.
    /// </summary>
    public ReadOnlySpan<float> Gradient => HasGradient ? new(GradientPointer, Shape.Count) : [];

    internal float* DataPointer { get; private set; }

    internal float* GradientPointer => _view is null ? _gradient : _tape.ParameterGradient(_view.First.Offset);

    internal bool HasGradient => _view is null ? _gradientWritten : _tape.IsGradientWritten(_view.First.Index);

    /// <summary>The name of the parameter it stands for; null for an activation.</summary>
    internal string? ParameterName => _view?.First.Name;

    /// <summary>
    /// Where the backward pass of an operation puts its part of this tensor's gradient. The first one writes, the others add,
    /// so no gradient has to be set to zero first.
    /// </summary>
    /// <param name="accumulate">Whether there is something to add to.</param>
    internal float* GradientToWrite(out bool accumulate)
    {
        accumulate = HasGradient;
        if (_view is not null)
        {
            _tape.MarkGradientWritten(_view.First.Index, _view.Last.Index);
            return GradientPointer;
        }

        _gradientWritten = true;
        if (_gradient is null)
        {
            _gradient = _tape.AllocateFloats(Shape.Count);
        }

        return _gradient;
    }

    internal void BecomeActivation(Tape tape, Shape shape, float* data)
    {
        (_tape, _view, Shape, _gradientWritten) = (tape, null, shape, false);
        DataPointer = data;
        _gradient = null;
    }

    internal void BecomeParameter(Tape tape, ParameterView view, float* data)
    {
        (_tape, _view, Shape) = (tape, view, view.Shape);
        DataPointer = data;
    }
}
