namespace Habla.Tensors.Tests.Ops;

/// <summary>The engine keeps queries, keys and values side by side, [B, T, 3C]; the references take three of [B, T, C].</summary>
internal static class QueryKeyValue
{
    public static double[] Join(double[] q, double[] k, double[] v, int width)
    {
        double[] joined = new double[3 * q.Length];
        for (int i = 0; i < q.Length; i++)
        {
            int start = (i / width * 3 * width) + (i % width);
            (joined[start], joined[start + width], joined[start + (2 * width)]) = (q[i], k[i], v[i]);
        }

        return joined;
    }

    public static (double[] Q, double[] K, double[] V) Split(double[] joined, int width)
    {
        double[] Part(int part) => [.. joined.Where((_, i) => i / width % 3 == part)];
        return (Part(0), Part(1), Part(2));
    }
}
