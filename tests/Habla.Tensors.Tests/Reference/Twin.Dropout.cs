namespace Habla.Tensors.Tests.Reference;

internal static partial class Twin
{
    /// <summary>
    /// Whether dropout keeps a number of the stream: 16 random bits of it are p·2¹⁶ or more. A group of 128 numbers takes 16 blocks;
    /// number 32w + 2i of it has the lower half of word w of block i, and the number after it the upper half.
    /// </summary>
    public static bool IsKept(in SeededRandom random, ulong number, float probability)
    {
        int inGroup = (int)(number % 128), word = inGroup / 32, block = inGroup % 32 / 2;
        PhiloxBlock words = random.Block((number / 128 * 16) + (ulong)block);
        uint bits = word switch { 0 => words.W0, 1 => words.W1, 2 => words.W2, _ => words.W3 };
        uint half = inGroup % 2 == 0 ? bits & 0xFFFF : bits >> 16;
        return half >= Math.Min(Math.Round(probability * 65536.0, MidpointRounding.ToEven), 65535);
    }

    /// <summary>The same for many numbers one after another.</summary>
    public static bool[] AreKept(SeededRandom random, ulong first, int count, float probability) =>
        [.. Enumerable.Range(0, count).Select(i => IsKept(random, first + (ulong)i, probability))];

    /// <summary>1/(1 − p), with p as 16 bits give it.</summary>
    public static float DropoutScale(float probability) =>
        (float)(65536 / (65536 - Math.Min(Math.Round(probability * 65536.0, MidpointRounding.ToEven), 65535)));

    /// <summary>base + x·m/(1 − p).</summary>
    public static float[] Dropout(float[] x, float[]? basis, bool[] kept, float probability)
    {
        float scale = DropoutScale(probability);
        return [.. x.Select((value, i) => kept[i] ? value * scale : 0f).Select((value, i) => basis is null ? value : basis[i] + value)];
    }
}
