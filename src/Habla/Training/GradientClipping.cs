namespace Habla.Training;

/// <summary>Clipping by global norm: gradients longer than the limit are scaled down to it, shorter ones stay.</summary>
/// <remarks>Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.</remarks>
public static class GradientClipping
{
    /// <summary>What to multiply the gradients by.</summary>
    /// <param name="norm">Their global norm.</param>
    /// <param name="limit">The largest norm allowed; 0 never clips.</param>
    public static double Factor(double norm, double limit) => limit > 0 && norm > limit ? limit / norm : 1;
}
