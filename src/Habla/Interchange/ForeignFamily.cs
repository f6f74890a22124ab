namespace Habla.Interchange;

/// <summary>The architectures that other programs know a model by.</summary>
public enum ForeignFamily
{
    /// <summary>GPT-2: learned positions, LayerNorm, GELU, biases everywhere.</summary>
    Gpt2,

    /// <summary>Llama: rotary positions, RMSNorm, SwiGLU, heads that share keys and values.</summary>
    Llama,
}
