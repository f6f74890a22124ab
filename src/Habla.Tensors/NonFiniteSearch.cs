namespace Habla.Tensors;

/// <summary>
/// Finds out where a pass went wrong: the first operation whose output, or on the way back the first gradient, that holds a NaN or an
/// infinity.
/// </summary>
internal sealed unsafe class NonFiniteSearch(Tape tape, RecordedOperations operations)
{
    private (int Operation, int Element)? _first;
    private List<Tensor>? _gradientsJustWritten;

    /// <summary>Looks at an operation's output, unless an earlier one was bad.</summary>
    public void LookAtOutput(int operation)
    {
        Tensor output = operations[operation].Output;
        int at = _first is null ? new ReadOnlySpan<float>(output.DataPointer, output.Shape.Count).IndexOfAnyNonFinite() : -1;
        tape.Windows?.Close(changed: null);
        if (at >= 0)
        {
            _first = (operation, at);
        }
    }

    /// <summary>The first bad output of those that were looked at; null when all are finite.</summary>
    public NonFiniteTensor? FirstOutput() => _first is not { } first ? null : new NonFiniteTensor(
        $"the output {operations[first.Operation].Output.Shape} of operation {operations.Describe(first.Operation)}, "
            + $"at element {first.Element}",
        operations[first.Operation].Output.Shape, first.Element, IsActivation: true);

    /// <summary>Lets the operations go back one by one until one writes a gradient that is not finite; null when none does.</summary>
    public NonFiniteTensor? FirstGradient()
    {
        _gradientsJustWritten = [];
        try
        {
            for (int i = operations.Count - 1; i >= 0; i--)
            {
                if (operations[i].Output.HasGradient && NonFiniteBehind(operations[i]) is { } gradient)
                {
                    return gradient with
                    {
                        Description = $"the gradient of {gradient} written by operation {i + 1}, {operations[i].Description}",
                    };
                }
            }
        }
        finally
        {
            _gradientsJustWritten = null;
        }

        return null;
    }

    /// <summary>A tensor's gradient is about to be written.</summary>
    public void NoteGradient(Tensor tensor) => _gradientsJustWritten?.Add(tensor);

    /// <summary>Forgets the pass.</summary>
    public void Reset() => _first = null;

    /// <summary>Lets one operation go back; says which of the gradients it wrote is not finite, and where.</summary>
    private NonFiniteTensor? NonFiniteBehind(Operation operation)
    {
        _gradientsJustWritten!.Clear();
        operation.Backward(tape); // and keeps the gradient of its output, to be looked at
        _gradientsJustWritten.Add(operation.Output); // what works in place changes the gradient of its output
        if (operation.IsInPlace)
        {
            operation.Output.MarkGradientChanged();
        }

        tape.Windows?.Close(changed: null); // what overflows when it is stored counts as well
        foreach (Tensor tensor in _gradientsJustWritten)
        {
            int at = new ReadOnlySpan<float>(tensor.GradientPointer, tensor.Shape.Count).IndexOfAnyNonFinite();
            tape.Windows?.Close(changed: null);
            if (at >= 0)
            {
                return new NonFiniteTensor(
                    $"{tensor.ParameterName ?? "an activation"} {tensor.Shape}, at element {at},", tensor.Shape, at, tensor.View is null);
            }
        }

        return null;
    }
}
