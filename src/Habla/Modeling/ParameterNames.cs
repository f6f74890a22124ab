namespace Habla.Modeling;

/// <summary>
/// The names of the parameters outside the blocks. Within block i they are <c>blocks.i.attention_norm</c>,
/// <c>blocks.i.attention.query|key|value|output</c>, <c>blocks.i.feed_forward_norm</c> and <c>blocks.i.feed_forward.up|down</c>
/// (with SwiGLU <c>gate|up|down</c>), each with <c>.weight</c> and, where the configuration says so, <c>.bias</c>.
/// </summary>
public static class ParameterNames
{
    /// <summary>The token embedding <c>[V, C]</c>, which is the head too when the model is tied.</summary>
    public const string TokenEmbedding = "token_embedding.weight";

    /// <summary>The learned positions <c>[T, C]</c>.</summary>
    public const string PositionEmbedding = "position_embedding.weight";

    /// <summary>The head <c>[V, C]</c>: a parameter of its own when untied, an alias of the token embedding when tied.</summary>
    public const string Head = "head.weight";
}
