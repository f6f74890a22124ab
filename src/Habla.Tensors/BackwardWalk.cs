namespace Habla.Tensors;

/// <summary>
/// The way back over a pass: the loss's gradient is its own derivative, and each operation, the last one first, turns the gradient of
/// its output into those of its inputs.
/// </summary>
internal sealed unsafe class BackwardWalk(Tape tape, RecordedOperations operations)
{
    private bool _done;

    /// <summary>What <see cref="Tape.Backward"/> does.</summary>
    public void Go(Tensor loss)
    {
        Start(loss);
        for (int i = operations.Count - 1; i >= 0; i--)
        {
            GoBack(operations[i]);
        }

        tape.Parameters.CompleteGradients();
    }

    /// <summary>What <see cref="Tape.BackwardFindingNonFinite"/> does.</summary>
    public NonFiniteTensor? Go(Tensor loss, NonFiniteSearch search)
    {
        Start(loss);
        NonFiniteTensor? first = search.FirstGradient();
        if (first is null)
        {
            tape.Parameters.CompleteGradients();
        }

        return first;
    }

    /// <summary>There is a way back again.</summary>
    public void Reset() => _done = false;

    private void Start(Tensor loss)
    {
        tape.RequireOwn(loss);
        if (loss.Shape.Count != tape.MicroBatches)
        {
            throw new ShapeException(
                $"backward starts from one number for each of {tape.MicroBatches} micro-batches, but the loss has shape {loss.Shape}");
        }

        if (!tape.Records)
        {
            throw new InvalidOperationException("this tape does not record: create it with TapeMode.Training");
        }

        if (_done)
        {
            throw new InvalidOperationException(
                "this tape went back already, and would add to the gradients that left: call Reset, then do the forward pass again");
        }

        _done = true;
        tape.Parameters.StartGradients();
        new Span<float>(loss.GradientToWrite(out _), tape.MicroBatches).Fill(tape.LossScale);
        tape.Windows?.Close(changed: null);
    }

    private void GoBack(Operation operation)
    {
        if (!operation.Output.HasGradient)
        {
            return;
        }

        operation.Backward(tape);
        if (!operation.IsInPlace)
        {
            operation.Output.ReturnGradientMemory();
        }
        else
        {
            operation.Output.MarkGradientChanged();
        }

        tape.Windows?.Close(changed: null);
        tape.Times?.AddBackward(operation);
    }
}
