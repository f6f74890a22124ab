namespace Habla.Evaluation;

/// <summary>A position at which the likeliest next token is another one in 16 bits.</summary>
/// <param name="Sequence">Which sequence of the data, from 0.</param>
/// <param name="Position">Which token of it was the last that the model saw, from 0.</param>
/// <param name="Target">The token that follows.</param>
/// <param name="Float32">The likeliest token in float32.</param>
/// <param name="Rounded">The likeliest token in 16 bits.</param>
/// <param name="Margin">How far the float32 logit of its choice is above that of the other.</param>
public sealed record ArgmaxFlip(int Sequence, int Position, int Target, int Float32, int Rounded, double Margin);
