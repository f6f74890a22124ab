namespace Habla.BytePairs;

/// <summary>
/// One rule: a token followed by another becomes a single one. A vocabulary's rules stand in their order; earlier ones go first.
/// </summary>
/// <param name="Left">The id of the token before.</param>
/// <param name="Right">The id of the token behind.</param>
/// <param name="Joined">The id of what comes of it, whose bytes are those of both.</param>
public readonly record struct ByteMerge(int Left, int Right, int Joined);
