namespace Habla.Tensors.Tests.Reference;

public static partial class ReferenceOps
{
    /// <summary>
    /// Rotary positions on [B, T, C] with H heads of D = C / H: in each head the pair (i, i + D/2) is turned by
    /// position · 10000^(−2i/D), the position being t.
    /// </summary>
    public static double[] Rotary(double[] x, int batchSize, int length, int width, int heads) =>
        Turn(x, batchSize, length, width, heads, direction: 1);

    /// <summary>A rotation's derivative is the rotation back.</summary>
    public static double[] RotaryBackward(double[] dy, int batchSize, int length, int width, int heads) =>
        Turn(dy, batchSize, length, width, heads, direction: -1);

    private static double[] Turn(double[] x, int batchSize, int length, int width, int heads, int direction)
    {
        double[] y = new double[x.Length];
        int headSize = width / heads, half = headSize / 2;
        for (int row = 0; row < batchSize * length; row++)
        {
            int position = row % length;
            for (int head = 0; head < heads; head++)
            {
                for (int i = 0; i < half; i++)
                {
                    double angle = direction * position * Math.Pow(10_000, -2.0 * i / headSize);
                    int first = (row * width) + (head * headSize) + i, second = first + half;
                    y[first] = (x[first] * Math.Cos(angle)) - (x[second] * Math.Sin(angle));
                    y[second] = (x[first] * Math.Sin(angle)) + (x[second] * Math.Cos(angle));
                }
            }
        }

        return y;
    }
}
