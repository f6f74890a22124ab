namespace Habla.Tensors;

/// <summary>
/// A shape and where its float32 numbers are: contiguous, row-major. A tensor made on a <see cref="Tape"/> (an activation) is
/// valid until the tape is reset and empty afterwards; one that stands for a parameter views the parameter's own memory.
/// </summary>
public sealed unsafe class Tensor
{
    private Tape? _tape;
    private ParameterView? _view;
    private float* _data, _gradient;
    private bool _gradientWritten;

    internal Tensor()
    {
    }

    /// <summary>The sizes of the dimensions.</summary>
    public Shape Shape { get; private set; }

    /// <summary>The numbers, row-major; empty once the tape was reset.</summary>
    /// <remarks>
    /// The span looks at memory outside the managed heap and keeps nothing alive: it is valid while the tape (for an activation) or
    /// the parameter set (for a parameter) is neither reset, nor disposed, nor garbage. Hold both with <c>using</c> around every use.
    /// </remarks>
    public Span<float> Data => new(DataPointer, Shape.Count);

    /// <summary>
    /// The derivative of the loss by each number, once <see cref="Tape.Backward"/> has run, for parameters and for tensors made with
    /// <see cref="Tape.Create(Shape)"/>; empty when the loss does not depend on this tensor, and for what an operation made: that
    /// gradient's memory serves the next operation once it has been passed on.
    /// </summary>
    /// <remarks>Valid as long as <see cref="Data"/> is and the buffer in <see cref="Tape.Gradients"/> is not disposed.</remarks>
    public ReadOnlySpan<float> Gradient => HasGradient ? new(GradientPointer, Shape.Count) : [];

    /// <summary>The tape it is on; null for an activation whose tape was reset.</summary>
    internal Tape? Tape => _tape;

    internal float* DataPointer => _view is null ? _data : _tape!.ParameterData(_view.First.Offset);

    internal float* GradientPointer => _view is null ? _gradient : _tape!.ParameterGradient(_view.First.Offset);

    internal bool HasGradient => _view is null ? _gradientWritten : _tape!.IsGradientWritten(_view.First.Index);

    /// <summary>The parameter it stands for; null for an activation.</summary>
    internal ParameterView? View => _view;

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
        _tape!.NoteGradient(this);
        if (_view is not null)
        {
            _tape.MarkGradientWritten(_view.First.Index, _view.Last.Index);
            return GradientPointer;
        }

        _gradientWritten = true;
        if (_gradient is null)
        {
            _gradient = _tape.TakeGradientMemory(Shape.Count);
        }

        return _gradient;
    }

    /// <summary>
    /// Where the backward pass of an operation puts its part of a parameter's gradient: one place for all micro-batches of the
    /// pass, or one for each.
    /// </summary>
    /// <param name="eachMicroBatchApart">The operation wants a place for each micro-batch, since it cannot sum in the tree.</param>
    internal ParameterGradientTarget ParameterGradientToWrite(bool eachMicroBatchApart = false)
    {
        int microBatches = _tape!.MicroBatches;
        if (_view is not null && microBatches > 1 && (eachMicroBatchApart || _tape.IsShared(_view.First.Index)))
        {
            bool written = HasGradient;
            float* first = GradientToWrite(out _);
            return new ParameterGradientTarget(first, _tape.SharedGradients(_view), Shape.Count, microBatches, 1, written);
        }

        float* gradient = GradientToWrite(out bool accumulate);
        if (accumulate && microBatches > 1)
        {
            throw new InvalidOperationException(
                $"{ParameterName ?? "a tensor"} {Shape} is used twice in a pass of {microBatches} micro-batches: call Tape.Use for each use");
        }

        return new ParameterGradientTarget(gradient, null, 0, 1, microBatches, accumulate);
    }

    /// <summary>The operation that made it has passed its gradient on: the memory can serve another.</summary>
    internal void ReturnGradientMemory()
    {
        if (_view is null && _gradient is not null)
        {
            _tape!.ReturnGradientMemory(_gradient, Shape.Count);
            _gradient = null;
            _gradientWritten = false;
        }
    }

    internal void BecomeActivation(Tape tape, Shape shape, float* data)
    {
        (_tape, _view, Shape, _gradientWritten) = (tape, null, shape, false);
        _data = data;
        _gradient = null;
    }

    internal void BecomeParameter(Tape tape, ParameterView view) => (_tape, _view, Shape) = (tape, view, view.Shape);

    /// <summary>Lets go of memory that the tape takes back, so that a reader who comes too late finds nothing instead of it.</summary>
    internal void Expire()
    {
        (_tape, Shape, _gradientWritten) = (null, default, false);
        _data = _gradient = null;
    }
}
