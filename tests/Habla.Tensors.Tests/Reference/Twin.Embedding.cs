using Habla.Tensors.Ops;

namespace Habla.Tensors.Tests.Reference;

internal static partial class Twin
{
    /// <summary>Adds rows of <c>[ids, width]</c> to the rows of a table that the ids name, in the order of the ids.</summary>
    public static void AddRows(float[] table, ReadOnlySpan<int> ids, ReadOnlySpan<float> rows, int width)
    {
        for (int i = 0; i < rows.Length; i++)
        {
            table[(ids[i / width] * width) + (i % width)] += rows[i];
        }
    }

    /// <summary>Turns the queries and keys of <c>[B, T, 3C]</c> in place by their positions' angles, or back.</summary>
    public static void Rotate(float[] x, int positions, int columns, RotaryTable table, float direction)
    {
        int half = table.HeadSize / 2;
        for (int at = 0; at < x.Length; at++)
        {
            int row = at / columns, column = at % columns, i = column % table.HeadSize, angle = (row % positions * half) + i;
            if (column < columns / 3 * 2 && i < half)
            {
                float a = x[at], b = x[at + half], cos = table.Cosines[angle], sin = table.Sines[angle] * direction;
                (x[at], x[at + half]) = ((a * cos) - (b * sin), (b * cos) + (a * sin));
            }
        }
    }
}
