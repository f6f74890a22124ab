namespace Habla.Modeling;

/// <summary>A family of models: one forward pass, with the family's choices of positions, norms, activation and biases.</summary>
public enum ModelFamily
{
    /// <summary>Habla's own small model: rotary positions, exact GELU, no bias in attention, bias in the feed-forward.</summary>
    Minigpt,

    /// <summary>GPT-2: learned positions, tanh GELU, biases everywhere.</summary>
    Gpt2,

    /// <summary>
    /// Llama: RMSNorm, rotary positions, SwiGLU, no biases, an untied head; heads may share keys and values
    /// (<see cref="GptConfig.KeyValueHeadCount"/>).
    /// </summary>
    Llama,
}
