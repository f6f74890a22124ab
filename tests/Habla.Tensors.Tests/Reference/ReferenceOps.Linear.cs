namespace Habla.Tensors.Tests.Reference;

public static partial class ReferenceOps
{
    /// <summary>y = x Wᵀ + b: x [rows, inputs], W [outputs, inputs], b [outputs] or null, y [rows, outputs].</summary>
    public static double[] Linear(double[] x, double[] weight, double[]? bias, int rows, int inputs, int outputs)
    {
        double[] y = new double[rows * outputs];
        for (int r = 0; r < rows; r++)
        {
            for (int o = 0; o < outputs; o++)
            {
                double sum = bias is null ? 0 : bias[o];
                for (int i = 0; i < inputs; i++)
                {
                    sum += x[(r * inputs) + i] * weight[(o * inputs) + i];
                }

                y[(r * outputs) + o] = sum;
            }
        }

        return y;
    }

    /// <summary>dx = dy W, dW = dyᵀ x, db = the sum of dy's rows.</summary>
    public static (double[] X, double[] Weight, double[] Bias) LinearBackward(
        double[] dy, double[] x, double[] weight, int rows, int inputs, int outputs)
    {
        double[] dx = new double[rows * inputs], dweight = new double[outputs * inputs], dbias = new double[outputs];
        for (int r = 0; r < rows; r++)
        {
            for (int o = 0; o < outputs; o++)
            {
                double d = dy[(r * outputs) + o];
                dbias[o] += d;
                for (int i = 0; i < inputs; i++)
                {
                    dx[(r * inputs) + i] += d * weight[(o * inputs) + i];
                    dweight[(o * inputs) + i] += d * x[(r * inputs) + i];
                }
            }
        }

        return (dx, dweight, dbias);
    }
}
