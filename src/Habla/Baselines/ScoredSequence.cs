namespace Habla.Baselines;

/// <summary>A sequence of token ids with the positions at which a model is asked for the next token.</summary>
/// <param name="Tokens">The ids, from the first token (which has no past and is never predicted) to the last.</param>
/// <param name="Weights">
/// How often each position is scored, as long as <paramref name="Tokens"/>: the sum of the loss masks of all windows in which
/// the position is a target. Null (the default) scores each position but the first once.
/// </param>
public sealed record ScoredSequence(int[] Tokens, int[]? Weights = null)
{
    /// <summary>
    /// A stream scored where windows over it have their targets: the window at s reads the tokens s … s + length − 1 and
    /// predicts the tokens s + 1 … s + length. A token counts as often as windows predict it.
    /// </summary>
    /// <param name="stream">The ids of the whole text.</param>
    /// <param name="length">Tokens a window; at least 1.</param>
    /// <param name="stride">How far the next window is from the last; at least 1.</param>
    public static ScoredSequence OfWindows(int[] stream, int length, int stride)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        int[] weights = new int[stream.Length];
        for (int start = 0; start + length < stream.Length; start += stride)
        {
            for (int target = start + 1; target <= start + length; target++)
                weights[target]++;
        }

        return new ScoredSequence(stream, weights);
    }

    internal int WeightAt(int position) => position == 0 ? 0 : Weights is null ? 1 : Weights[position];
}
