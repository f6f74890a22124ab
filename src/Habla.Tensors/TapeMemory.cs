using Habla.Tensors.Kernels;

namespace Habla.Tensors;

/// <summary>
/// The memory of one pass: activations and what operations keep for their way back come from an <see cref="Arena"/>, gradients of
/// activations from those of the same size that were passed on already. The tensor objects are used again in the next pass.
/// </summary>
internal sealed unsafe class TapeMemory(Tape tape, Windows? windows) : IDisposable
{
    private readonly Arena _arena = new();
    private readonly List<Tensor> _tensors = [];
    private readonly Dictionary<long, Stack<nint>> _freeGradients = [];
    private int _tensorCount;

    /// <summary>How many bytes there are, the windows on 16-bit tensors included.</summary>
    public long Bytes => (_arena.Capacity + (windows?.Capacity ?? 0)) * sizeof(float);

    /// <summary>A tensor in float32 with undefined content.</summary>
    public Tensor Create(Shape shape)
    {
        Tensor tensor = NextTensor();
        tensor.BecomeActivation(tape, shape, _arena.Allocate(shape.Count));
        return tensor;
    }

    /// <summary>A tensor in 16 bits with undefined content.</summary>
    public Tensor CreateStored(Shape shape)
    {
        Tensor tensor = NextTensor();
        tensor.BecomeStoredActivation(tape, shape, AllocateSixteenBits(shape.Count));
        return tensor;
    }

    public float* AllocateFloats(long count) => _arena.Allocate(count);

    public ushort* AllocateSixteenBits(long count) => (ushort*)AllocateFloats(SixteenBits.FloatsFor(count));

    /// <summary>Memory for an activation's gradient: that of a gradient of the same size that was passed on, where there is one.</summary>
    public float* TakeGradient(long count) =>
        _freeGradients.TryGetValue(count, out Stack<nint>? free) && free.Count > 0 ? (float*)free.Pop() : AllocateFloats(count);

    /// <summary>A gradient was passed on: its memory can serve another.</summary>
    public void ReturnGradient(float* gradient, long count)
    {
        if (!_freeGradients.TryGetValue(count, out Stack<nint>? free))
        {
            _freeGradients.Add(count, free = new Stack<nint>());
        }

        free.Push((nint)gradient);
    }

    /// <summary>Takes back what the pass was given; its tensors are empty from now on.</summary>
    public void Reset()
    {
        ExpireTensors();
        _arena.Reset();
    }

    public void Dispose()
    {
        ExpireTensors();
        _arena.Dispose();
        windows?.Dispose();
    }

    private Tensor NextTensor()
    {
        if (_tensorCount == _tensors.Count)
        {
            _tensors.Add(new Tensor());
        }

        return _tensors[_tensorCount++];
    }

    private void ExpireTensors()
    {
        windows?.Forget();
        foreach (Stack<nint> free in _freeGradients.Values)
        {
            free.Clear();
        }

        for (int i = 0; i < _tensorCount; i++)
        {
            _tensors[i].Expire();
        }

        _tensorCount = 0;
    }
}
