using Habla.Tensors;
using Habla.Tensors.Ops;
using Habla.Tensors.Threading;

namespace Habla.Training;

/// <summary>
/// The gradients of a batch's passes on the way to their sum: a pile of buffers, of which the topmost are added whenever a branch of
/// the fixed tree is complete. Buffers that are no longer needed wait for the next pass.
/// </summary>
/// <param name="parameters">The parameters that the gradients are of.</param>
/// <param name="pool">The threads to add with.</param>
internal sealed class GradientPile(ParameterSet parameters, WorkerPool pool) : IDisposable
{
    private readonly List<ParameterBuffer> _pile = [];
    private readonly Stack<ParameterBuffer> _free = [];

    /// <summary>How many buffers lie on the pile.</summary>
    public int Height => _pile.Count;

    /// <summary>How many buffers there are, in use or not.</summary>
    public int Copies => _pile.Count + _free.Count;

    /// <summary>A buffer of the pile; 0 is the lowest.</summary>
    public ParameterBuffer this[int index] => _pile[index];

    /// <summary>Puts buffers on top, with whatever is in them.</summary>
    public void Push(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _pile.Add(_free.Count > 0 ? _free.Pop() : parameters.CreateBuffer());
        }
    }

    /// <summary>Adds the topmost buffers, in the tree; the sum is left in the lowest of them.</summary>
    public void AddTop(int count)
    {
        if (count > 1)
        {
            GradientSum.IntoFirst(_pile.GetRange(_pile.Count - count, count), pool);
            Shrink(_pile.Count - count + 1);
        }
    }

    /// <summary>Takes everything off.</summary>
    public void Clear() => Shrink(0);

    /// <inheritdoc/>
    public void Dispose()
    {
        Clear();
        foreach (ParameterBuffer buffer in _free)
        {
            buffer.Dispose();
        }
    }

    private void Shrink(int height)
    {
        while (_pile.Count > height)
        {
            _free.Push(_pile[^1]);
            _pile.RemoveAt(_pile.Count - 1);
        }
    }
}
