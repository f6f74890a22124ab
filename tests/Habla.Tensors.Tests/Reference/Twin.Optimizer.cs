using Habla.Tensors.Ops;

namespace Habla.Tensors.Tests.Reference;

internal static partial class Twin
{
    /// <summary>One AdamW step of one number; a decay of 1 leaves a bias or a gain as it is.</summary>
    public static float AdamW(float p, float g, ref float m, ref float v, bool decays, in AdamWStep step)
    {
        float stepSize = (float)(step.LearningRate / (1 - Power(step.Beta1, step.Step)));
        float rootCorrection = (float)(1 / Math.Sqrt(1 - Power(step.Beta2, step.Step)));
        float keep = decays ? (float)(1 - (step.LearningRate * step.WeightDecay)) : 1f;
        g *= (float)step.GradientScale;
        m = Fma(m, (float)step.Beta1, g * (float)(1 - step.Beta1));
        v = Fma(v, (float)step.Beta2, g * g * (float)(1 - step.Beta2));
        float root = Fma(MathF.Sqrt(v), rootCorrection, (float)step.Epsilon);
        return (p * keep) - (stepSize * m / root);
    }

    /// <summary>√Σg²: float64 sums over chunks of 2¹⁴ numbers, each in 16 lanes and what is left over, then over the chunks.</summary>
    public static double GradientNorm(ReadOnlySpan<float> gradient)
    {
        const int chunk = 1 << 14;
        double sum = 0;
        for (int start = 0; start < gradient.Length; start += chunk)
        {
            sum += SumOfSquares(gradient.Slice(start, Math.Min(chunk, gradient.Length - start)));
        }

        return Math.Sqrt(sum);
    }

    private static double SumOfSquares(ReadOnlySpan<float> values)
    {
        double[] lanes = new double[Lanes];
        int whole = values.Length / Lanes * Lanes;
        double rest = 0;
        for (int i = 0; i < values.Length; i++)
        {
            // The square of a float32 is exact in float64, so fused or not makes no difference.
            double square = (double)values[i] * values[i];
            if (i < whole)
            {
                lanes[i % Lanes] += square;
            }
            else
            {
                rest += square;
            }
        }

        for (int half = Lanes / 2; half > 0; half /= 2)
        {
            for (int i = 0; i < half; i++)
            {
                lanes[i] += lanes[i + half];
            }
        }

        return lanes[0] + rest;
    }

    /// <summary>βᵗ by repeated squaring.</summary>
    private static double Power(double value, int exponent)
    {
        double result = 1;
        for (; exponent > 0; exponent /= 2, value *= value)
        {
            result *= exponent % 2 == 1 ? value : 1;
        }

        return result;
    }
}
