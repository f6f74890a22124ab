namespace Habla.Modeling;

/// <summary>How the model knows where in the sequence a token stands.</summary>
public enum PositionKind
{
    /// <summary>Rotary: queries and keys are turned by an angle that grows with the position; no parameters.</summary>
    /// <remarks>Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021.</remarks>
    Rotary,

    /// <summary>Learned: a vector per position is added to the token's embedding.</summary>
    Learned,
}
