using Habla.Tensors.Kernels;

namespace Habla.Tensors;

/// <summary>
/// A shape and where its numbers are: contiguous, row-major. A tensor made on a <see cref="Tape"/> (an activation) is
/// valid until the tape is reset and empty afterwards; one that stands for a parameter views the parameter's own memory.
/// </summary>
/// <remarks>
/// Numbers are float32, but what operations make on a tape of a 16-bit <see cref="Tape.Format"/> is stored in 16 bits, and so is its
/// gradient. An operation then sees them through windows (<see cref="Windows"/>) that close when it is done.
/// </remarks>
public sealed unsafe class Tensor
{
    private Tape? _tape;
    private ParameterView? _view;
    private float* _data, _gradient; // of a tensor in 16 bits: its windows, null where they are closed
    private ushort* _stored, _storedGradient; // null for float32
    private bool _gradientWritten, _hasContent, _gradientChanged;

    internal Tensor()
    {
    }

    /// <summary>The sizes of the dimensions.</summary>
    public Shape Shape { get; private set; }

    /// <summary>How its numbers are stored.</summary>
    public ActivationFormat Format => _stored is null ? ActivationFormat.Float32 : _tape!.Format;

    /// <summary>The numbers, row-major; empty once the tape was reset.</summary>
    /// <exception cref="InvalidOperationException">The tensor is stored in 16 bits; <see cref="ToArray"/> reads it.</exception>
    /// <remarks>
    /// The span looks at memory outside the managed heap and keeps nothing alive: it is valid while the tape (for an activation) or
    /// the parameter set (for a parameter) is neither reset, nor disposed, nor garbage. Hold both with <c>using</c> around every use.
    /// </remarks>
    public Span<float> Data => _stored is null
        ? new(DataPointer, Shape.Count)
        : throw new InvalidOperationException($"a tensor {Shape} in {Format} has no float32 numbers to look at: copy them with ToArray");

    /// <summary>
    /// The derivative of the loss by each number, once <see cref="Tape.Backward"/> has run, for parameters and for tensors made with
    /// <see cref="Tape.Create(Shape)"/>; empty when the loss does not depend on this tensor, and for what an operation made: that
    /// gradient's memory serves the next operation once it has been passed on.
    /// </summary>
    /// <remarks>Valid as long as <see cref="Data"/> is and the buffer in <see cref="Tape.Gradients"/> is not disposed.</remarks>
    public ReadOnlySpan<float> Gradient => HasGradient && _stored is null ? new(GradientPointer, Shape.Count) : [];

    /// <summary>A copy of the numbers, row-major, whatever they are stored in; empty once the tape was reset.</summary>
    public float[] ToArray()
    {
        float[] copy = new float[Shape.Count];
        if (_stored is null)
        {
            Data.CopyTo(copy);
        }
        else
        {
            fixed (float* to = copy)
            {
                SixteenBits.Widen(Format, _stored, to, copy.Length);
            }
        }

        GC.KeepAlive(_tape);
        return copy;
    }

    /// <summary>The tape it is on; null for an activation whose tape was reset.</summary>
    internal Tape? Tape => _tape;

    internal float* DataPointer => _view is not null ? _tape!.Parameters.Data(_view.First.Offset)
        : _stored is null || _data is not null ? _data
        : OpenWindow();

    internal float* GradientPointer => _view is not null ? _tape!.Parameters.Gradient(_view.First.Offset)
        : _stored is null || _gradient is not null ? _gradient
        : OpenGradientWindow();

    /// <summary>Whether an operation was given it to read: that one may need the numbers as they are on its way back.</summary>
    internal bool WasRead { get; set; }

    internal bool HasGradient => _view is null ? _gradientWritten : _tape!.Parameters.IsGradientWritten(_view.First.Index);

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
            _tape.Parameters.MarkGradientWritten(_view.First.Index, _view.Last.Index);
            return GradientPointer;
        }

        if (_stored is not null)
        {
            float* window = GradientPointer;
            _gradientWritten = _gradientChanged = true;
            return window;
        }

        _gradientWritten = true;
        if (_gradient is null)
        {
            _gradient = _tape.TakeGradientMemory(Shape.Count);
        }

        return _gradient;
    }

    /// <summary>The numbers, for work that takes them matrix by matrix and needs no window.</summary>
    internal TensorParts PartsToRead => _stored is null ? DataPointer : new TensorParts(null, _stored, Format);

    /// <summary>The gradient, in the same way.</summary>
    internal TensorParts GradientPartsToRead => _stored is null ? GradientPointer : new TensorParts(null, _storedGradient, Format);

    /// <summary>Where such work puts all the numbers.</summary>
    internal TensorParts PartsToWrite()
    {
        _hasContent = true;
        return PartsToRead;
    }

    /// <summary><see cref="GradientToWrite"/> for such work.</summary>
    internal TensorParts GradientPartsToWrite(out bool accumulate)
    {
        if (_stored is null)
        {
            return GradientToWrite(out accumulate);
        }

        accumulate = HasGradient;
        _tape!.NoteGradient(this);
        _gradientWritten = true;
        RequireStoredGradient();
        return GradientPartsToRead;
    }

    /// <summary>An operation that works in place has changed the gradient of its output.</summary>
    internal void MarkGradientChanged() => _gradientChanged = true;

    /// <summary>
    /// Where the backward pass of an operation puts its part of a parameter's gradient: one place for all micro-batches of the
    /// pass, or one for each.
    /// </summary>
    /// <param name="eachMicroBatchApart">The operation wants a place for each micro-batch, since it cannot sum in the tree.</param>
    internal ParameterGradientTarget ParameterGradientToWrite(bool eachMicroBatchApart = false)
    {
        int microBatches = _tape!.MicroBatches;
        if (_view is not null && microBatches > 1 && (eachMicroBatchApart || _tape.Parameters.IsShared(_view.First.Index)))
        {
            bool written = HasGradient;
            float* first = GradientToWrite(out _);
            return new ParameterGradientTarget(first, _tape.Parameters.SharedGradients(_view), Shape.Count, microBatches, 1, written);
        }

        float* gradient = GradientToWrite(out bool accumulate);
        if (accumulate && microBatches > 1)
        {
            throw new InvalidOperationException(
                $"{ParameterName ?? "a tensor"} {Shape} is used twice in a pass of {microBatches} micro-batches: "
                    + "call Tape.Use for each use");
        }

        return new ParameterGradientTarget(gradient, null, 0, 1, microBatches, accumulate);
    }

    /// <summary>The operation that made it has passed its gradient on: the memory can serve another.</summary>
    internal void ReturnGradientMemory()
    {
        if (_stored is not null)
        {
            if (_storedGradient is not null)
            {
                _tape!.ReturnGradientMemory((float*)_storedGradient, SixteenBits.FloatsFor(Shape.Count));
                _storedGradient = null;
            }

            _gradientWritten = _gradientChanged = false; // its window, if open, closes without storing
        }
        else if (_view is null && _gradient is not null)
        {
            _tape!.ReturnGradientMemory(_gradient, Shape.Count);
            _gradient = null;
            _gradientWritten = false;
        }
    }

    /// <summary>The window on its numbers, or on its gradient, has to go; stores what was changed in it.</summary>
    internal void CloseWindow(bool ofGradient, bool stores)
    {
        if (!ofGradient)
        {
            if (stores)
            {
                SixteenBits.Round(Format, _data, _stored, Shape.Count, _tape!.Pool);
                _hasContent = true;
            }

            _data = null;
            return;
        }

        if (_gradientChanged)
        {
            SixteenBits.Round(Format, _gradient, _storedGradient, Shape.Count, _tape!.Pool);
            _gradientChanged = false;
        }

        _gradient = null;
    }

    internal void BecomeActivation(Tape tape, Shape shape, float* data)
    {
        (_tape, _view, Shape, _gradientWritten, WasRead) = (tape, null, shape, false, false);
        _data = data;
        _gradient = null;
        _stored = _storedGradient = null;
    }

    internal void BecomeStoredActivation(Tape tape, Shape shape, ushort* stored)
    {
        BecomeActivation(tape, shape, null);
        _stored = stored;
        (_hasContent, _gradientChanged) = (false, false);
    }

    internal void BecomeParameter(Tape tape, ParameterView view) => (_tape, _view, Shape) = (tape, view, view.Shape);

    /// <summary>Lets go of memory that the tape takes back, so that a reader who comes too late finds nothing instead of it.</summary>
    internal void Expire()
    {
        (_tape, Shape, _gradientWritten) = (null, default, false);
        _data = _gradient = null;
        _stored = _storedGradient = null;
    }

    private float* OpenWindow()
    {
        _data = _tape!.Windows!.Open(this, ofGradient: false);
        if (_hasContent)
        {
            SixteenBits.Widen(Format, _stored, _data, Shape.Count, _tape.Pool);
        }

        return _data;
    }

    private void RequireStoredGradient()
    {
        if (_storedGradient is null)
        {
            _storedGradient = (ushort*)_tape!.TakeGradientMemory(SixteenBits.FloatsFor(Shape.Count));
        }
    }

    private float* OpenGradientWindow()
    {
        RequireStoredGradient();
        _gradient = _tape!.Windows!.Open(this, ofGradient: true);
        if (_gradientWritten)
        {
            SixteenBits.Widen(Format, _storedGradient, _gradient, Shape.Count, _tape.Pool);
        }

        return _gradient;
    }
}
