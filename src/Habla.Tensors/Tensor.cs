namespace Habla.Tensors;

/// <summary>
/// A shape and where its float32 numbers are: contiguous, row-major. A tensor made on a <see cref="Tape"/> (an activation) is
/// valid until the tape is reset; one that stands for a parameter views the parameter's own memory.
/// </summary>
public sealed unsafe class Tensor
{
    private Tape _tape = null!;
    private int _firstParameter = -1;
    private int _lastParameter = -1;
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

    internal float* GradientPointer { get; private set; }

    internal bool HasGradient => _firstParameter >= 0 ? _tape.IsGradientWritten(_firstParameter) : _gradientWritten;

    /// <summary>
    /// Where the backward pass of an operation puts its part of this tensor's gradient. The first one writes, the others add,
    /// so no gradient has to be set to zero first.
    /// </summary>
    /// <param name="accumulate">Whether there is something to add to.</param>
    internal float* GradientToWrite(out bool accumulate)
    {
        accumulate = HasGradient;
        if (_firstParameter >= 0)
        {
            _tape.MarkGradientWritten(_firstParameter, _lastParameter);
        }
        else
        {
            _gradientWritten = true;
            if (GradientPointer is null)
            {
                GradientPointer = _tape.AllocateFloats(Shape.Count);
            }
        }

        return GradientPointer;
    }

    internal void BecomeActivation(Tape tape, Shape shape, float* data)
    {
        (_tape, Shape) = (tape, shape);
        DataPointer = data;
        GradientPointer = null;
        (_firstParameter, _lastParameter, _gradientWritten) = (-1, -1, false);
    }

    internal void BecomeParameter(Tape tape, ParameterView view, float* data, float* gradient)
    {
        (_tape, Shape) = (tape, view.Shape);
        DataPointer = data;
        GradientPointer = gradient;
        (_firstParameter, _lastParameter) = (view.First.Index, view.Last.Index);
    }
}
