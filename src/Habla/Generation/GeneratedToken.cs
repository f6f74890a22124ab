namespace Habla.Generation;

/// <summary>A token that a model said.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="LogProbability">The natural logarithm of its probability under the model.</param>
public readonly record struct GeneratedToken(int Id, double LogProbability);
