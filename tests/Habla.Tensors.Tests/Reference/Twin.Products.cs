namespace Habla.Tensors.Tests.Reference;

internal static partial class Twin
{
    /// <summary>A matrix in an array: element (i, j) is at <c>First + i·RowStride + j·ColumnStride</c>.</summary>
    public readonly record struct Matrix(float[] Numbers, int RowStride, int ColumnStride = 1, int First = 0)
    {
        public float this[int row, int column] => Numbers[First + (row * RowStride) + (column * ColumnStride)];

        public Matrix Transposed => this with { RowStride = ColumnStride, ColumnStride = RowStride };
    }

    /// <summary>
    /// start + A·B, where start is <c>[m, n]</c>, or null for zero: each element is one chain of fused multiply-adds over the k in
    /// [from, to), in their order.
    /// </summary>
    public static float[] Product(int m, int n, int from, int to, Matrix a, Matrix b, float[]? start)
    {
        float[] c = new float[m * n];
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                float sum = start is null ? 0f : start[(i * n) + j];
                for (int k = from; k < to; k++)
                {
                    sum = Fma(a[i, k], b[k, j], sum);
                }

                c[(i * n) + j] = sum;
            }
        }

        return c;
    }

    /// <summary>A product for each of k's equal parts, added in the fixed tree.</summary>
    public static float[] ProductInParts(int m, int n, int k, int parts, Matrix a, Matrix b)
    {
        int depth = k / parts;
        return Tree([.. Enumerable.Range(0, parts).Select(part => Product(m, n, part * depth, (part + 1) * depth, a, b, null))]);
    }

    /// <summary>The fixed tree over arrays.</summary>
    public static float[] Tree(float[][] parts)
    {
        float[] sum = new float[parts[0].Length], column = new float[parts.Length];
        for (int i = 0; i < sum.Length; i++)
        {
            for (int part = 0; part < parts.Length; part++)
            {
                column[part] = parts[part][i];
            }

            sum[i] = Tree(column);
        }

        return sum;
    }
}
