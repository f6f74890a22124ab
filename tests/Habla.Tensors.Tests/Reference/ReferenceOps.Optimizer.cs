namespace Habla.Tensors.Tests.Reference;

public static partial class ReferenceOps
{
    /// <summary>√ of the sum of all squares of all gradients.</summary>
    public static double GradientNorm(params double[][] gradients) =>
        Math.Sqrt(gradients.Sum(gradient => gradient.Sum(value => value * value)));

    /// <summary>
    /// One AdamW update in place: w ← w − lr·decay·w, then w ← w − lr · m̂ / (√v̂ + ε) with running means m of the gradient and v
    /// of its square, m̂ and v̂ being both freed of their bias towards zero. The step counts from 1.
    /// </summary>
    public static void AdamW(
        double[] weight, double[] gradient, double[] first, double[] second, int step,
        double learningRate, double beta1, double beta2, double epsilon, double decay)
    {
        for (int i = 0; i < weight.Length; i++)
        {
            first[i] = (beta1 * first[i]) + ((1 - beta1) * gradient[i]);
            second[i] = (beta2 * second[i]) + ((1 - beta2) * gradient[i] * gradient[i]);
            double mean = first[i] / (1 - Math.Pow(beta1, step)), square = second[i] / (1 - Math.Pow(beta2, step));
            weight[i] -= learningRate * decay * weight[i];
            weight[i] -= learningRate * mean / (Math.Sqrt(square) + epsilon);
        }
    }

    /// <summary>
    /// The learning rate of a step counted from 0: maximum·(step + 1)/warmup, then half a cosine that reaches the minimum
    /// at step total.
    /// </summary>
    public static double LearningRate(int step, int warmup, int total, double maximum, double minimum)
    {
        if (step < warmup)
        {
            return maximum * (step + 1) / warmup;
        }

        double progress = Math.Min(1.0, (double)(step - warmup) / (total - warmup));
        return minimum + ((maximum - minimum) * 0.5 * (1 + Math.Cos(Math.PI * progress)));
    }
}
