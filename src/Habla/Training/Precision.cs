namespace Habla.Training;

/// <summary>In what numbers a step computes. Weights, moments, parameter gradients and every sum are float32 in each of them.</summary>
public enum Precision
{
    /// <summary>float32 throughout.</summary>
    Fp32,

    /// <summary>Activations and what matrix products multiply are bfloat16: half the memory, the range of float32.</summary>
    Bf16,

    /// <summary>Activations and what matrix products multiply are binary16, and the loss is scaled (<see cref="LossScaling"/>).</summary>
    Fp16,
}
