namespace Habla.Tensors.Tests.Reference;

/// <summary>
/// Every operation of the engine in plain float64 loops, forward and backward: the scalar twin that kernels are held against.
/// Arrays are row-major. A backward takes the gradient of the output (<c>dy</c>) and returns those of the inputs.
/// </summary>
public static partial class ReferenceOps
{
    /// <summary>Row ids[r] of the table [V, width] for each r: [rows, width].</summary>
    public static double[] Embedding(int[] ids, double[] table, int width)
    {
        double[] y = new double[ids.Length * width];
        for (int r = 0; r < ids.Length; r++)
        {
            for (int c = 0; c < width; c++)
            {
                y[(r * width) + c] = table[(ids[r] * width) + c];
            }
        }

        return y;
    }

    /// <summary>The table's gradient: each row gathers what all its uses got.</summary>
    public static double[] EmbeddingBackward(double[] dy, int[] ids, int vocabularySize, int width)
    {
        double[] dtable = new double[vocabularySize * width];
        for (int r = 0; r < ids.Length; r++)
        {
            for (int c = 0; c < width; c++)
            {
                dtable[(ids[r] * width) + c] += dy[(r * width) + c];
            }
        }

        return dtable;
    }
}
