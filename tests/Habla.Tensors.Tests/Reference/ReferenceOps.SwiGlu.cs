namespace Habla.Tensors.Tests.Reference;

public static partial class ReferenceOps
{
    /// <summary>
    /// silu(gate) · up with silu(x) = x / (1 + e^(−x)); each row of [rows, 2 · width] is its gate and its up side by side.
    /// </summary>
    public static double[] SwiGlu(double[] x, int rows, int width)
    {
        double[] y = new double[rows * width];
        for (int i = 0; i < y.Length; i++)
        {
            int gate = (i / width * 2 * width) + (i % width);
            y[i] = x[gate] * Sigmoid(x[gate]) * x[gate + width];
        }

        return y;
    }

    /// <summary>With s the sigmoid of the gate: dgate = dy · up · (s + gate · s · (1 − s)), dup = dy · gate · s.</summary>
    public static double[] SwiGluBackward(double[] dy, double[] x, int rows, int width)
    {
        double[] dx = new double[2 * rows * width];
        for (int i = 0; i < rows * width; i++)
        {
            int gate = (i / width * 2 * width) + (i % width);
            double s = Sigmoid(x[gate]);
            dx[gate] = dy[i] * x[gate + width] * (s + (x[gate] * s * (1 - s)));
            dx[gate + width] = dy[i] * x[gate] * s;
        }

        return dx;
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
