namespace Habla.Tensors.Tests.Ops;

/// <summary>
/// The loss of every test here: Σ weight · x, so that the gradient that reaches x is the weights. It has a number for each of the
/// tape's micro-batches, all of them 0: nothing asks.
/// </summary>
internal sealed unsafe class WeightedSum : Operation
{
    private Tensor _x = null!;
    private float[] _weights = [];

    public static Tensor Of(Tape tape, Tensor x, double[] weights)
    {
        Assert.Equal(x.Shape.Count, weights.Length);
        Tensor y = tape.Create(new Shape(tape.MicroBatches), new float[tape.MicroBatches]);
        var operation = tape.Record<WeightedSum>(y);
        (operation._x, operation._weights) = (x, [.. weights.Select(weight => (float)weight)]);
        return y;
    }

    internal override void Backward(Tape tape)
    {
        float* dx = _x.GradientToWrite(out bool accumulate);
        for (int i = 0; i < _weights.Length; i++)
        {
            dx[i] = accumulate ? dx[i] + _weights[i] : _weights[i];
        }
    }
}
