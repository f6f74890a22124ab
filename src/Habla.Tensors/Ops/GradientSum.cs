using Habla.Tensors.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Ops;

/// <summary>
/// Adds up the gradients of a step's micro-batches in a fixed tree, ((g₀ + g₁) + (g₂ + g₃)) + …, so that the sum has the same
/// bits whoever computed which of them, and in whatever order they were done.
/// </summary>
public static unsafe class GradientSum
{
    /// <summary>Leaves the sum of all buffers in the first one; the others hold partial sums afterwards.</summary>
    /// <param name="buffers">One or more buffers of the same layout.</param>
    /// <param name="pool">The threads to share the work with.</param>
    /// <exception cref="ArgumentException">There is no buffer, or their layouts differ.</exception>
    public static void IntoFirst(IReadOnlyList<ParameterBuffer> buffers, WorkerPool pool)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        ArgumentNullException.ThrowIfNull(pool);
        if (buffers.Count == 0)
        {
            throw new ArgumentException("there is no gradient to sum", nameof(buffers));
        }

        for (int i = 1; i < buffers.Count; i++)
        {
            buffers[i].RequireLayout(buffers[0].Layout, nameof(buffers));
        }

        Span<nint> parts = stackalloc nint[buffers.Count];
        for (int i = 0; i < buffers.Count; i++)
        {
            parts[i] = (nint)buffers[i].Pointer;
        }

        TreeSum.IntoFirst(parts, buffers[0].Count, pool);
        GC.KeepAlive(buffers); // their memory was used by address alone
    }
}
