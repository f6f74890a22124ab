namespace Habla.Evaluation;

/// <summary>How far a snapshot in 16 bits is from that in float32, over all real tokens.</summary>
/// <param name="Layer">The snapshot's name, such as <c>block_0_out</c>.</param>
/// <param name="MaxAbsolute">The largest |Δ| of a number.</param>
/// <param name="MeanAbsolute">The mean |Δ| of all numbers.</param>
/// <param name="MaxRelative">The largest ‖Δ‖ / ‖float32‖ of a token's row.</param>
/// <param name="MeanRelative">The mean ‖Δ‖ / ‖float32‖ of the tokens' rows.</param>
/// <param name="MinCosine">The least cosine between a token's two rows.</param>
/// <param name="MeanCosine">The mean cosine between tokens' two rows.</param>
/// <param name="NonFinite">
/// Numbers that are not finite in 16 bits though they were in float32: overflows. They count in no other figure, nor do their rows.
/// </param>
public sealed record LayerDrift(
    string Layer, double MaxAbsolute, double MeanAbsolute, double MaxRelative, double MeanRelative, double MinCosine, double MeanCosine,
    long NonFinite);
