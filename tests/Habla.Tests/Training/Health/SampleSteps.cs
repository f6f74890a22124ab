using Habla.Training;
using Habla.Training.Health;

namespace Habla.Tests.Training.Health;

/// <summary>Made-up series of steps.</summary>
internal static class SampleSteps
{
    public static HealthSettings Settings { get; } = new(TotalSteps: 1000, TokensPerStep: 2048, MaximumLearningRate: 1e-3);

    /// <summary>A loss that falls from 4 to 1, with a scatter of ±0.1.</summary>
    public static double Healthy(int step) => 1 + (3 * Math.Exp(-step / 300.0)) + Scatter(step);

    /// <summary>Numbers within ±0.1 without a pattern.</summary>
    public static double Scatter(int step) => 0.2 * ((step * 7919 % 1009 / 1009.0) - 0.5);

    /// <summary>Every warning that a series gives.</summary>
    public static List<HealthWarning> Look(
        StepDetector detector, int steps, Func<int, double> loss, Func<int, double>? norm = null, Func<int, double>? validation = null,
        Func<int, double>? learningRate = null)
    {
        var warnings = new List<HealthWarning>();
        for (int step = 1; step <= steps; step++)
        {
            double? validated = validation is not null && step % 50 == 0 ? validation(step) : null;
            if (detector.Look(new StepCompleted(
                step, 0, loss(step), learningRate?.Invoke(step) ?? 1e-3, norm?.Invoke(step) ?? 1, 2048, 1e5, validated)) is { } warning)
            {
                warnings.Add(warning);
            }
        }

        return warnings;
    }
}
