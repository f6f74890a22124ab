namespace Habla.Tensors;

/// <summary>
/// One step of a forward pass that knows its way back. A subclass keeps what its derivative needs and stands in one file
/// with its forward; the tape keeps the object and uses it again in the next pass, so recording allocates nothing.
/// </summary>
public abstract class Operation
{
    /// <summary>The tensor the operation made (or changed in place).</summary>
    internal Tensor Output { get; set; } = null!;

    /// <summary>What it is, for messages: its kind, and the parameter it reads where it has one.</summary>
    internal virtual string Description => GetType().Name;

    /// <summary>Whether <see cref="Output"/> is one of its inputs, changed; its gradient then still has a way to go.</summary>
    internal virtual bool IsInPlace => false;

    /// <summary>Adds to the gradients of the inputs what the gradient of <see cref="Output"/> says.</summary>
    /// <param name="tape">The tape the operation was recorded on.</param>
    internal abstract void Backward(Tape tape);
}
