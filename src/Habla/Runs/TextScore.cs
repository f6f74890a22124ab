using Habla.Evaluation;

namespace Habla.Runs;

/// <summary>How likely a model held each token of a text.</summary>
/// <param name="Tokens">
/// The tokens that were predicted, in the order of the text. One that nothing stands before is given, not predicted, and not among them.
/// </param>
/// <param name="Evaluated">Loss and accuracy over all of them, and the bytes they stand for.</param>
/// <param name="UnknownCount">Characters of the text that the tokenizer does not know.</param>
public sealed record TextScore(IReadOnlyList<TokenScore> Tokens, EvaluatedText Evaluated, int UnknownCount)
{
    /// <summary>The natural logarithm of the text's probability.</summary>
    public double LogProbability => -Evaluated.Result.Loss * Evaluated.Result.TokenCount;
}
