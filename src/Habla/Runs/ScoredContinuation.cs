using Habla.Evaluation;

namespace Habla.Runs;

/// <summary>A text that may follow a prompt, with how likely a model held it.</summary>
/// <param name="Text">The text.</param>
/// <param name="Ids">Its tokens, with the one that ends it where that was asked for.</param>
/// <param name="Score">Their probabilities.</param>
/// <param name="UnknownCount">Characters of it that the tokenizer does not know.</param>
/// <param name="CutsToken">
/// Whether prompt and text in one piece would be other tokens than the two apart, as they are scored: then the border lies within what
/// the model knows as one token.
/// </param>
public sealed record ScoredContinuation(string Text, IReadOnlyList<int> Ids, ContinuationScore Score, int UnknownCount, bool CutsToken);
