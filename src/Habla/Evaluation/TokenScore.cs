namespace Habla.Evaluation;

/// <summary>How likely a model held a token of a text.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="LogProbability">The natural logarithm of its probability after the tokens that the model saw.</param>
/// <param name="Context">How many tokens before it the model saw; at least 1.</param>
public readonly record struct TokenScore(int Id, double LogProbability, int Context);
