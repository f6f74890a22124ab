namespace Habla.Tensors.Tests.Reference;

public static partial class ReferenceOps
{
    private const double NormEpsilon = 1e-5;

    /// <summary>y = (x − mean) / √(variance + ε) · weight + bias, each row of [rows, width] for itself.</summary>
    public static double[] LayerNorm(double[] x, double[] weight, double[] bias, int rows, int width)
    {
        double[] y = new double[rows * width];
        for (int r = 0; r < rows; r++)
        {
            (double mean, double scale) = Moments(x, r, width);
            for (int c = 0; c < width; c++)
            {
                y[(r * width) + c] = ((x[(r * width) + c] - mean) * scale * weight[c]) + bias[c];
            }
        }

        return y;
    }

    /// <summary>With n = (x − mean) · scale and g = dy · weight: dx = scale · (g − mean(g) − n · mean(g · n)).</summary>
    public static (double[] X, double[] Weight, double[] Bias) LayerNormBackward(
        double[] dy, double[] x, double[] weight, int rows, int width)
    {
        double[] dx = new double[rows * width], dweight = new double[width], dbias = new double[width];
        for (int r = 0; r < rows; r++)
        {
            (double mean, double scale) = Moments(x, r, width);
            double meanG = 0, meanGN = 0;
            for (int c = 0; c < width; c++)
            {
                double n = (x[(r * width) + c] - mean) * scale, d = dy[(r * width) + c];
                dweight[c] += d * n;
                dbias[c] += d;
                meanG += d * weight[c] / width;
                meanGN += d * weight[c] * n / width;
            }

            for (int c = 0; c < width; c++)
            {
                double n = (x[(r * width) + c] - mean) * scale;
                dx[(r * width) + c] = scale * ((dy[(r * width) + c] * weight[c]) - meanG - (n * meanGN));
            }
        }

        return (dx, dweight, dbias);
    }

    private static (double Mean, double Scale) Moments(double[] x, int row, int width)
    {
        double mean = 0, variance = 0;
        for (int c = 0; c < width; c++)
        {
            mean += x[(row * width) + c] / width;
        }

        for (int c = 0; c < width; c++)
        {
            double distance = x[(row * width) + c] - mean;
            variance += distance * distance / width;
        }

        return (mean, 1 / Math.Sqrt(variance + NormEpsilon));
    }
}
