namespace Habla.Generation;

/// <summary>A token that a model said.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="LogProbability">
/// The natural logarithm of its probability under the model, before penalties, temperature and cuts; NaN when it was not asked for.
/// </param>
public readonly record struct GeneratedToken(int Id, double LogProbability);
