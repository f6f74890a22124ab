namespace Habla.Modeling;

/// <summary>A family of models: one forward pass, with the family's choices of positions, activation and biases.</summary>
public enum ModelFamily
{
    /// <summary>Habla's own small model: rotary positions, exact GELU, no bias in attention, bias in the feed-forward.</summary>
    Minigpt,

    /// <summary>GPT-2: learned positions, tanh GELU, biases everywhere.</summary>
    Gpt2,
}
