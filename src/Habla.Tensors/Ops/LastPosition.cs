namespace Habla.Tensors.Ops;

/// <summary>
/// The last position of each sample: y[b, 0] = x[b, T − 1], so that a prompt's logits are computed where they are wanted.
/// Backward: dx is dy at the last positions and zero elsewhere.
/// </summary>
public sealed unsafe class LastPosition : Operation
{
    private Tensor _x = null!;

    /// <summary>Takes the last positions.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x"><c>[B, T, C]</c></param>
    /// <returns><c>[B, 1, C]</c></returns>
    /// <exception cref="ShapeException">x has not three dimensions.</exception>
    /// <exception cref="ArgumentException">The tensor was made on another tape, or before this one was reset.</exception>
    public static Tensor Take(Tape tape, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(tape);
        tape.RequireOwn(x);
        if (x.Shape.Rank != 3)
        {
            throw new ShapeException($"last position: {x.Shape} does not fit: x is [B, T, C]");
        }

        int samples = x.Shape[0], width = x.Shape[2];
        long sample = (long)x.Shape[1] * width;
        Tensor y = tape.CreateOutput(new Shape(samples, 1, width));
        for (int b = 0; b < samples; b++)
        {
            new ReadOnlySpan<float>(x.DataPointer + ((b + 1) * sample) - width, width)
                .CopyTo(new Span<float>(y.DataPointer + ((long)b * width), width));
        }

        if (tape.Stores(y))
        {
            tape.Record<LastPosition>(y)._x = x;
        }

        return y;
    }

    internal override void Backward(Tape tape)
    {
        int samples = _x.Shape[0], width = _x.Shape[2];
        long sample = (long)_x.Shape[1] * width;
        float* dy = Output.GradientPointer;
        float* dx = _x.GradientToWrite(out bool accumulate);
        if (!accumulate)
        {
            new Span<float>(dx, _x.Shape.Count).Clear();
        }

        for (int b = 0; b < samples; b++)
        {
            float* last = dx + ((b + 1) * sample) - width;
            Kernels.Elementwise.Map<Kernels.Elementwise.Sum>(last, dy + ((long)b * width), last, width);
        }
    }
}
