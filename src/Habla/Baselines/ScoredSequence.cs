namespace Habla.Baselines;

/// <summary>A sequence of token ids with the positions at which a model is asked for the next token.</summary>
/// <param name="Tokens">The ids, from the first token (which has no past and is never predicted) to the last.</param>
/// <param name="Weights">
/// How often each position is scored, as long as <paramref name="Tokens"/>: the sum of the loss masks of all windows in which
/// the position is a target. Null (the default) scores each position but the first once.
/// </param>
public sealed record ScoredSequence(int[] Tokens, int[]? Weights = null)
{
    internal int WeightAt(int position) => position == 0 ? 0 : Weights is null ? 1 : Weights[position];
}
