namespace Habla.Tensors.Tests.Reference;

public static partial class ReferenceOps
{
    /// <summary>y = x / √(mean(x²) + ε) · weight, each row of [rows, width] for itself.</summary>
    public static double[] RmsNorm(double[] x, double[] weight, int rows, int width, double epsilon = NormEpsilon)
    {
        double[] y = new double[rows * width];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = x[i] * RmsScale(x, i / width, width, epsilon) * weight[i % width];
        }

        return y;
    }

    /// <summary>With n = x · scale and g = dy · weight: dx = scale · (g − n · mean(g · n)).</summary>
    public static (double[] X, double[] Weight) RmsNormBackward(
        double[] dy, double[] x, double[] weight, int rows, int width, double epsilon = NormEpsilon)
    {
        double[] dx = new double[rows * width], dweight = new double[width];
        for (int r = 0; r < rows; r++)
        {
            double scale = RmsScale(x, r, width, epsilon), mean = 0;
            for (int c = 0; c < width; c++)
            {
                int i = (r * width) + c;
                dweight[c] += dy[i] * x[i] * scale;
                mean += dy[i] * weight[c] * x[i] * scale / width;
            }

            for (int c = 0; c < width; c++)
            {
                int i = (r * width) + c;
                dx[i] = scale * ((dy[i] * weight[c]) - (x[i] * scale * mean));
            }
        }

        return (dx, dweight);
    }

    private static double RmsScale(double[] x, int row, int width, double epsilon) =>
        1 / Math.Sqrt(x.Skip(row * width).Take(width).Average(value => value * value) + epsilon);
}
