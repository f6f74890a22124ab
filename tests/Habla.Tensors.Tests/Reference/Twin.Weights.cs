namespace Habla.Tensors.Tests.Reference;

internal static partial class Twin
{
    /// <summary>A matrix <c>[out, in]</c> as the numbers that its stored weights stand for.</summary>
    public static float[] Stored(WeightFormat format, float[] weights, int inputs) => format switch
    {
        WeightFormat.Float16 => [.. weights.Select(weight => WidenFloat16(RoundToFloat16(weight)))],
        WeightFormat.Q8 => [.. weights.Chunk(Math.Max(1, inputs)).SelectMany(row => row.Chunk(32)).SelectMany(Q8)],
        _ => weights,
    };

    /// <summary>One block of q8_0, as llama.cpp makes it: d·q.</summary>
    private static IEnumerable<float> Q8(float[] block)
    {
        float most = 0;
        foreach (float weight in block)
        {
            most = float.IsNaN(weight) || float.IsNaN(most) ? float.NaN : Math.Max(most, Math.Abs(weight));
        }

        float delta = most / 127, inverse = delta == 0 ? 0 : 1 / delta;
        if (!float.IsFinite(most))
        {
            return block.Select(_ => float.NaN);
        }

        float scale = WidenFloat16(RoundToFloat16(delta));
        return block.Select(weight => scale * (int)Math.Round((double)(weight * inverse), MidpointRounding.AwayFromZero));
    }
}
