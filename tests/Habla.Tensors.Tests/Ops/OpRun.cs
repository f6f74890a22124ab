using Habla.Tensors.Tests.Reference;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Ops;

/// <summary>One operation of the engine, forward and backward, in and out as float64 arrays.</summary>
internal sealed class OpRun : IDisposable
{
    /// <summary>
    /// The sizes of the odd-shape sweeps: one, around the lanes' 16 and twice that, and around a cache line's worth of lines.
    /// </summary>
    public static readonly int[] OddSizes = [1, 2, 3, 15, 16, 17, 31, 33, 64, 65];

    private readonly ParameterSet _parameters = new();
    private readonly List<Tensor> _inputs = [];

    /// <summary>The pool's threads share the work; without one the calling thread does it alone.</summary>
    public OpRun(WorkerPool? pool = null) => Tape = new Tape(_parameters, pool: pool) { Gradients = _parameters.CreateBuffer() };

    public Tape Tape { get; }

    /// <summary>What the operation made.</summary>
    public double[] Output { get; private set; } = [];

    /// <summary>An input with a gradient.</summary>
    public Tensor Input(Shape shape, double[] values)
    {
        Tensor input = Tape.Create(shape, Numbers.Singles(values));
        _inputs.Add(input);
        return input;
    }

    /// <summary>Takes the operation's output and walks back from Σ dy · output.</summary>
    public OpRun Back(Tensor output, double[] dy)
    {
        Output = Numbers.Widened(output.Data);
        Tape.Backward(WeightedSum.Of(Tape, output, dy));
        return this;
    }

    /// <summary>The gradient of an input, in the order in which they were made; empty when the output does not depend on it.</summary>
    public double[] Gradient(int input) => Numbers.Widened(_inputs[input].Gradient);

    public void Dispose()
    {
        Tape.Gradients!.Dispose();
        Tape.Dispose();
        _parameters.Dispose();
    }

    /// <summary>All tuples in which one dimension at a time takes each odd size and the others keep small ones.</summary>
    public static IEnumerable<int[]> Sweep(params int[] small) =>
        small.SelectMany((_, axis) => OddSizes.Select(size =>
        {
            int[] sizes = [.. small];
            sizes[axis] = size;
            return sizes;
        }));
}
