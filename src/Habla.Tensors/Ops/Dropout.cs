namespace Habla.Tensors.Ops;

/// <summary>
/// Dropout: y = x·m/(1 − p), where each m is 0 with probability p and 1 otherwise. Backward: dx = dy·m/(1 − p).
/// The mask is a function of the place in the tape's <see cref="Tape.Dropout"/> stream.
/// </summary>
/// <remarks>Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 2014.</remarks>
public sealed unsafe class Dropout : Operation
{
    private Tensor _x = null!;
    private DropoutMask _mask;

    /// <summary>Drops elements; does nothing when the probability is 0 or the tape has no dropout stream.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x"><c>[B, …]</c>: the first dimension counts samples.</param>
    /// <param name="probability">p in [0, 1).</param>
    /// <returns>The same shape.</returns>
    /// <exception cref="ArgumentOutOfRangeException">p is outside [0, 1).</exception>
    /// <exception cref="ArgumentException">A tensor was made on another tape, or before this one was reset.</exception>
    public static Tensor Apply(Tape tape, Tensor x, float probability)
    {
        ArgumentNullException.ThrowIfNull(tape);
        tape.RequireOwn(x);
        var mask = DropoutMask.For(tape, x.Shape, probability);
        if (mask.Probability == 0)
        {
            return x;
        }

        Tensor y = tape.CreateOutput(x.Shape);
        mask.DrawAndApply(tape.Pool, x.DataPointer, null, y.DataPointer);
        if (tape.Stores(y))
        {
            var operation = tape.Record<Dropout>(y);
            (operation._x, operation._mask) = (x, mask);
        }

        return y;
    }

    internal override void Backward(Tape tape)
    {
        float* dx = _x.GradientToWrite(out bool accumulate);
        _mask.Apply(tape.Pool, Output.GradientPointer, dx, accumulate);
    }
}
