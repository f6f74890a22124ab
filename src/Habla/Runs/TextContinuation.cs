namespace Habla.Runs;

/// <summary>What a model said after a prompt.</summary>
/// <param name="Text">The text after the prompt.</param>
/// <param name="Ids">Its token ids.</param>
/// <param name="LogProbabilities">The natural logarithm of each token's probability.</param>
/// <param name="PromptTokens">How many tokens the prompt was.</param>
/// <param name="TokensPerSecond">Tokens said by seconds.</param>
/// <param name="UnknownCharacters">Characters of the prompt that the tokenizer does not know.</param>
public sealed record TextContinuation(
    string Text, IReadOnlyList<int> Ids, IReadOnlyList<double> LogProbabilities, int PromptTokens, double TokensPerSecond,
    int UnknownCharacters);
